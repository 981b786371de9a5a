package io.blendnet.protocol;

/**
 * The answer to {@code POST blob/pack}: all of it is on the server's disk.
 *
 * @param stored how many entries the pack had, those that were there already among them
 */
public record PackReceipt(int stored) {}
