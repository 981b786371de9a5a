package io.blendnet.cli;

import io.blendnet.domain.BlobId;
import io.blendnet.protocol.FileChangedException;
import io.blendnet.protocol.OfferedFile;
import io.blendnet.security.PrivateFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is in the files that this user sent before, so that a file that did not change is not read
 * again. Kept in a private file in the user's cache; without it, or with a broken one, files are
 * read. Thread-safe.
 */
final class KnownHashes {
  private static final Logger LOG = LoggerFactory.getLogger(KnownHashes.class);
  private static final String NAME = "known-hashes";
  private static final long MAGIC = 0x424e_4841_5348_0001L;
  private static final int HASH = 32;

  /** Those that were of use longest ago are forgotten. A file of these is of some 20 MB. */
  private static final int MOST = 100_000;

  /**
   * A file that changed so short before it was read may change again without a new time: file
   * systems count in steps of up to 2 s.
   */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  private static final int MOST_READS = 3;

  private final Path folder;
  private final Path file;
  private final InstantSource clock;
  private final Map<String, Known> known = new ConcurrentHashMap<>();

  /**
   * A content that was read.
   *
   * @param used when it was of use last, in ms since the epoch
   */
  private record Known(FileStamp stamp, String sha256, long used) {}

  private KnownHashes(Path folder, InstantSource clock) {
    this.folder = folder;
    this.file = folder.resolve(NAME);
    this.clock = clock;
  }

  /**
   * Opens what was kept.
   *
   * @param folder the user's cache
   */
  static KnownHashes open(Path folder, InstantSource clock) {
    var hashes = new KnownHashes(folder, clock);
    hashes.known.putAll(hashes.load());
    return hashes;
  }

  /**
   * Says what is in a file, and reads it where that is not known.
   *
   * @param path absolute
   * @throws FileChangedException it changes all the time
   * @throws IOException it cannot be read
   */
  OfferedFile offer(Path path) throws IOException {
    Instant now = clock.instant();
    FileStamp stamp = FileStamp.of(path);
    Known before = known.get(path.toString());
    if (before != null && before.stamp().equals(stamp)) {
      known.put(path.toString(), new Known(stamp, before.sha256(), now.toEpochMilli()));
      return new OfferedFile(path, new BlobId(before.sha256()), stamp.size());
    }
    for (int read = 1; read <= MOST_READS; read++) {
      OfferedFile offered = OfferedFile.read(path);
      FileStamp after = FileStamp.of(path);
      if (after.equals(stamp)) {
        if (stamp.isOlderThan(now.minus(SETTLED))) {
          known.put(path.toString(), new Known(stamp, offered.blob().sha256(), now.toEpochMilli()));
        }
        return offered;
      }
      now = clock.instant();
      stamp = after;
    }
    throw new FileChangedException(path);
  }

  /** Forgets a file that proved to have another content. */
  void forget(Path path) {
    known.remove(path.toString());
  }

  /** Keeps all for the next time, where that is possible. */
  void save() {
    try {
      // Another render may have learnt something meanwhile.
      Map<String, Known> all = new HashMap<>(load());
      known.forEach(
          (path, one) -> all.merge(path, one, (old, own) -> own.used() >= old.used() ? own : old));
      PrivateFiles.createFolder(folder);
      PrivateFiles.replace(file, written(all));
    } catch (IOException e) {
      LOG.debug("Hashes of files are not kept: {}", e.toString());
    }
  }

  private static byte[] written(Map<String, Known> all) throws IOException {
    List<Map.Entry<String, Known>> kept =
        all.entrySet().stream()
            .sorted(
                Comparator.comparingLong(
                    (Map.Entry<String, Known> entry) -> -entry.getValue().used()))
            .limit(MOST)
            .toList();
    var bytes = new ByteArrayOutputStream(kept.size() * 200);
    try (var out = new DataOutputStream(bytes)) {
      out.writeLong(MAGIC);
      out.writeInt(kept.size());
      for (Map.Entry<String, Known> entry : kept) {
        out.writeUTF(entry.getKey());
        entry.getValue().stamp().write(out);
        out.write(HexFormat.of().parseHex(entry.getValue().sha256()));
        out.writeLong(entry.getValue().used());
      }
      out.writeLong(sum(bytes.toByteArray(), bytes.size()));
    }
    return bytes.toByteArray();
  }

  private Map<String, Known> load() {
    try {
      return read(PrivateFiles.read(file));
    } catch (NoSuchFileException e) {
      return Map.of();
    } catch (IOException e) {
      LOG.debug("Hashes of files are not known: {}", e.toString());
      return Map.of();
    }
  }

  private static Map<String, Known> read(byte[] bytes) throws IOException {
    int length = bytes.length - Long.BYTES;
    if (length < 0) {
      throw new IOException("too short");
    }
    Map<String, Known> all = new HashMap<>();
    try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readLong() != MAGIC) {
        throw new IOException("of another kind");
      }
      for (int left = in.readInt(); left > 0; left--) {
        String path = in.readUTF();
        FileStamp stamp = FileStamp.read(in);
        String sha256 = HexFormat.of().formatHex(in.readNBytes(HASH));
        all.put(path, new Known(stamp, sha256, in.readLong()));
      }
      if (in.readLong() != sum(bytes, length)) {
        throw new IOException("damaged");
      }
    }
    return all;
  }

  private static long sum(byte[] bytes, int length) {
    var sum = new CRC32C();
    sum.update(bytes, 0, length);
    return sum.getValue();
  }
}
