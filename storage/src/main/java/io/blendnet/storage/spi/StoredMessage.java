package io.blendnet.storage.spi;

/**
 * A message with its place in the order of all messages.
 *
 * @param number ascending, from 1, with gaps; where the next page goes on
 */
public record StoredMessage(long number, MessageRow message) {}
