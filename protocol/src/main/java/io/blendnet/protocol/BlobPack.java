package io.blendnet.protocol;

/**
 * The body of {@code POST blob/pack}: many small contents one after the other. An entry is 32 bytes
 * of SHA-256, 8 bytes of length (big-endian), then the content.
 */
public final class BlobPack {
  /** Longest pack in bytes. */
  public static final int LIMIT = 64 * 1024 * 1024;

  /** Longest content of an entry in bytes; what is larger is sent by itself. */
  public static final int ENTRY_LIMIT = 4 * 1024 * 1024;

  /** Bytes of an entry before its content. */
  public static final int ENTRY_HEADER = 32 + 8;

  private BlobPack() {}
}
