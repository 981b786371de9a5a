package io.blendnet.agent;

import java.io.Serial;

/** A cell failed since the disk is full; there will be more room once results are fetched. */
final class CellWithoutRoomException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  CellWithoutRoomException(Exception cause) {
    super("The disk is full", cause);
  }
}
