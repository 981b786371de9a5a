package io.blendnet.protocol;

/**
 * What sending files took.
 *
 * @param files contents that the server lacked
 * @param bytes of them that were sent, those that were lost on the way and sent again among them
 * @param presentFiles contents that the server had already
 * @param presentBytes that the server had already, of them and of contents that it had in part
 */
public record SentFiles(int files, long bytes, int presentFiles, long presentBytes) {
  public static final SentFiles NONE = new SentFiles(0, 0, 0, 0);

  public SentFiles plus(SentFiles more) {
    return new SentFiles(
        files + more.files,
        bytes + more.bytes,
        presentFiles + more.presentFiles,
        presentBytes + more.presentBytes);
  }
}
