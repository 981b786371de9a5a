package io.blendnet.protocol;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A file on its way: {@code NAME.part} beside the place where it is to be. Behind the content
 * stands a note of what it is and what is still missing, so that another run of the program, too,
 * goes on where this one was cut short. Thread-safe, but for two writers of the same gap.
 */
final class PartFile implements Closeable {
  private static final long MAGIC = 0x424c_4e44_5041_5254L;
  private static final int NOTE = 512;
  private static final int CHECKSUM_AT = NOTE - Integer.BYTES;
  private static final int MOST_TEXT = 100;
  private static final int MOST_GAPS = 4;
  private static final int BUFFER = 1 << 20;

  /** Bytes between two notes: what is fetched again after a kill, at most, of each range. */
  private static final long NOTE_EVERY = 8L << 20;

  /** Shorter ranges are not worth a request of their own. */
  private static final long SHORTEST_RANGE = 4L << 20;

  private final Path target;
  private final Path part;
  private final FileChannel channel;
  private final List<Gap> gaps = new ArrayList<>();
  private Optional<Content> content = Optional.empty();
  private MessageDigest digest;
  private volatile long digested;
  private long unnoted;

  /**
   * What a file is to become.
   *
   * @param mark by which the server tells this content from others of the same name: its ETag
   * @param size in bytes
   * @param sum of the whole, in lower-case hex
   */
  record Content(String mark, long size, FileChecksum algorithm, String sum) {
    /** Whether it is what was announced; where nothing was, the server has to say so. */
    boolean isWhat(Optional<WorkReport.DeliveryInfo> announced) {
      return announced
          .map(delivery -> delivery.size() == size && delivery.sha256().equals(sum))
          .orElse(true);
    }
  }

  /** A range that is missing. */
  static final class Gap {
    private long next;
    private final long end;

    private Gap(long next, long end) {
      this.next = next;
      this.end = end;
    }

    /** The first byte that is missing. */
    long next() {
      return next;
    }

    /** Behind the last byte that is missing. */
    long end() {
      return end;
    }

    /** Bytes that are missing. */
    long length() {
      return end - next;
    }
  }

  private PartFile(Path target, Path part, FileChannel channel) {
    this.target = target;
    this.part = part;
    this.channel = channel;
    this.digest = FileChecksum.SHA_1.start();
  }

  /** Opens what an earlier attempt left, or begins. */
  static PartFile open(Path target) throws IOException {
    Path part = target.resolveSibling(target.getFileName() + ".part");
    FileChannel channel =
        FileChannel.open(
            part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    var file = new PartFile(target, part, channel);
    file.readNote();
    return file;
  }

  /** What it is to become; empty while that is not known. */
  synchronized Optional<Content> content() {
    return content;
  }

  /** Begins anew, with this content. */
  synchronized void begin(Content fresh) throws IOException {
    channel.truncate(0);
    content = Optional.of(fresh);
    digest = fresh.algorithm().start();
    digested = 0;
    unnoted = 0;
    gaps.clear();
    if (fresh.size() > 0) {
      gaps.add(new Gap(0, fresh.size()));
    }
  }

  /** Begins anew, with a content that is not known yet. */
  synchronized void forget() throws IOException {
    channel.truncate(0);
    content = Optional.empty();
    gaps.clear();
  }

  /** Bytes that are there. */
  synchronized long present() {
    return content.map(Content::size).orElse(0L) - gaps.stream().mapToLong(Gap::length).sum();
  }

  /** Ranges that are missing, so many at most that are worth to be fetched at the same time. */
  synchronized List<Gap> gaps(int most) {
    while (!gaps.isEmpty() && gaps.size() < Math.min(most, MOST_GAPS)) {
      Gap longest = gaps.stream().max(Comparator.comparingLong(Gap::length)).orElseThrow();
      if (longest.length() < 2 * SHORTEST_RANGE) {
        break;
      }
      long middle = longest.next + longest.length() / 2;
      gaps.set(gaps.indexOf(longest), new Gap(longest.next, middle));
      gaps.add(new Gap(middle, longest.end));
    }
    return List.copyOf(gaps.subList(0, Math.min(most, gaps.size())));
  }

  /** Writes the next bytes of a gap, not more than its length. */
  void write(Gap gap, ByteBuffer bytes) throws IOException {
    long position = gap.next;
    int count = bytes.remaining();
    if (position == digested) {
      digest.update(bytes.duplicate());
      digested = position + count;
    }
    for (long at = position; bytes.hasRemaining(); ) {
      at += channel.write(bytes, at);
    }
    advance(gap, count);
  }

  private synchronized void advance(Gap gap, int count) throws IOException {
    gap.next += count;
    if (gap.next == gap.end) {
      gaps.remove(gap);
    }
    unnoted += count;
    if (unnoted >= NOTE_EVERY && !gaps.isEmpty()) {
      writeNote();
    }
  }

  /**
   * Moves the whole file to its place, in place of what may be there.
   *
   * @return whether it is what it should be; if not, nothing is left of it
   */
  synchronized boolean finish() throws IOException {
    Content whole = content.orElseThrow();
    channel.truncate(whole.size());
    if (!sum(whole.size()).equals(whole.sum())) {
      discard();
      return false;
    }
    channel.force(true);
    channel.close();
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return true;
  }

  /** Reads what did not come in order. */
  private String sum(long size) throws IOException {
    var buffer = ByteBuffer.allocate(Math.clamp(size - digested, 1, BUFFER));
    for (long at = digested; at < size; ) {
      int count = channel.read(buffer.clear(), at);
      if (count < 0) {
        return "";
      }
      digest.update(buffer.flip());
      at += count;
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Removes it. */
  synchronized void discard() throws IOException {
    content = Optional.empty();
    gaps.clear();
    channel.close();
    Files.deleteIfExists(part);
  }

  /** Keeps what is there for a later attempt, where that is worth it. */
  @Override
  public synchronized void close() throws IOException {
    if (!channel.isOpen()) {
      return;
    }
    if (present() == 0) {
      discard();
      return;
    }
    try {
      writeNote();
    } finally {
      channel.close();
    }
  }

  private void writeNote() throws IOException {
    unnoted = 0;
    Content whole = content.orElseThrow();
    var note = ByteBuffer.allocate(NOTE);
    note.putLong(MAGIC).putLong(whole.size());
    for (String text : List.of(whole.mark(), whole.algorithm().name(), whole.sum())) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      if (bytes.length > MOST_TEXT) {
        return; // no server of ours says so much; it is fetched anew then
      }
      note.put((byte) bytes.length).put(bytes);
    }
    note.put((byte) gaps.size());
    gaps.forEach(gap -> note.putLong(gap.next).putLong(gap.end));
    note.putInt(CHECKSUM_AT, checksum(note));
    for (ByteBuffer rest = note.clear(); rest.hasRemaining(); ) {
      channel.write(rest, whole.size() + rest.position());
    }
  }

  private void readNote() throws IOException {
    long size = channel.size() - NOTE;
    if (size < 0) {
      return;
    }
    var note = ByteBuffer.allocate(NOTE);
    while (note.hasRemaining() && channel.read(note, size + note.position()) >= 0) {
      // on to its end
    }
    note.flip();
    boolean isNote =
        note.limit() == NOTE
            && note.getInt(CHECKSUM_AT) == checksum(note)
            && note.getLong() == MAGIC
            && note.getLong() == size;
    if (isNote) {
      begun(size, note);
    }
  }

  private void begun(long size, ByteBuffer note) {
    String mark = text(note);
    FileChecksum algorithm = FileChecksum.valueOf(text(note));
    content = Optional.of(new Content(mark, size, algorithm, text(note)));
    digest = algorithm.start();
    for (int left = note.get(); left > 0; left--) {
      gaps.add(new Gap(note.getLong(), note.getLong()));
    }
  }

  private static String text(ByteBuffer note) {
    byte[] bytes = new byte[note.get()];
    note.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int checksum(ByteBuffer note) {
    var sum = new CRC32C();
    sum.update(note.slice(0, CHECKSUM_AT));
    return (int) sum.getValue();
  }
}
