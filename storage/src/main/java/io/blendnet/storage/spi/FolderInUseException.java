package io.blendnet.storage.spi;

import java.io.IOException;
import java.nio.file.Path;

/** Another program, or another part of this one, works in a folder that bears one at a time. */
public final class FolderInUseException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Says who is in the way.
   *
   * @param holder who works there, such as {@code process 4711 on farmhost}
   */
  public FolderInUseException(Path folder, String holder) {
    super(
        "%s is in use by %s. Stop that first, or choose another folder".formatted(folder, holder));
  }
}
