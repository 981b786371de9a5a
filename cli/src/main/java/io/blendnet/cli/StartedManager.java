package io.blendnet.cli;

import io.blendnet.protocol.ServerAddress;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A Manager that was started for one command.
 *
 * @param failure why it is gone, where it has ended by itself
 */
record StartedManager(ServerAddress address, Supplier<Optional<String>> failure) {}
