package io.blendnet.protocol;

/**
 * A Manager's first call to an agent, {@code POST work/attach}: from here on the agent serves this
 * farm. The agent drops every lease and undelivered result that it still has.
 *
 * @param farm id of the farm; an agent serves one farm
 * @param epoch the Manager's start number; an agent refuses a lower one than it has seen
 */
public record AttachOrder(String farm, long epoch) {}
