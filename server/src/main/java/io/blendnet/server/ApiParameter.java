package io.blendnet.server;

/**
 * A query parameter, a whole number.
 *
 * @param least smallest value
 * @param most largest value
 */
public record ApiParameter(String name, String summary, boolean required, long least, long most) {}
