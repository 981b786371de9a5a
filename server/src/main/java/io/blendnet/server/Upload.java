package io.blendnet.server;

import java.io.InputStream;

/**
 * A file on its way in.
 *
 * @param bytes straight from the connection; reading slower slows the sender. Ends early with an
 *     {@link java.io.IOException} when the connection breaks
 * @param length bytes that are announced; the stream never gives more
 * @param sha1 what the content's SHA-1 must be, lower-case hex
 */
public record Upload(InputStream bytes, long length, String sha1) {}
