package io.blendnet.exr;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file is no OpenEXR file, is damaged, or is of a kind that BlendNet does not read. The message
 * names the file and, where there is one, the way out; it may be shown to a user.
 */
public final class ExrFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  public ExrFormatException(Path file, String problem) {
    super(file + ": " + problem);
  }

  public ExrFormatException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
