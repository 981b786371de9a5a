package io.blendnet.protocol;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The bytes of a request's body, buffer by buffer. Used by one thread at a time. */
interface BodySource extends Closeable {
  /** The next bytes; empty behind the last. */
  Optional<ByteBuffer> next() throws IOException;

  /** Opens a body at its beginning. */
  @FunctionalInterface
  interface Opening {
    BodySource open() throws IOException;
  }
}
