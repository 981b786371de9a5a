package io.blendnet.bench;

import java.time.Instant;

/**
 * A fault that happened.
 *
 * @param victim the server that it happened to
 * @param end when the victim was whole again: started, resumed, reachable
 */
record SufferedFault(FaultKind kind, String victim, Instant begin, Instant end) {}
