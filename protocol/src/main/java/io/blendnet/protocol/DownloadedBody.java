package io.blendnet.protocol;

import java.io.IOException;

/** What came when a file, or a range of it, was asked for. */
sealed interface DownloadedBody {
  /** The connection ended in order; what came is written. */
  record Stored() implements DownloadedBody {}

  /** More than was announced. */
  record TooLong() implements DownloadedBody {}

  /** This machine could not write it. */
  record Unwritable(IOException cause) implements DownloadedBody {}

  /** The server has another content by now. */
  record Changed() implements DownloadedBody {}

  /** An envelope instead, and its status. */
  @SuppressWarnings("ArrayRecordComponent") // lives for one call, is never compared
  record Answer(byte[] bytes) implements DownloadedBody {}
}
