package io.blendnet.protocol;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends a server what it lacks of some files: asks first, then sends large files each by itself and
 * small ones in packs, over several connections. What a broken connection has brought over is not
 * sent again.
 */
final class FileSender {
  private static final int CONNECTIONS = 4;

  /** Files from this size on are sent each by itself, in bytes. */
  private static final long LARGE = 1L << 20;

  /** A pack is full with so many bytes, or so many files. */
  private static final long PACK_BYTES = 8L << 20;

  private static final int PACK_FILES = 2_000;

  /**
   * How long another upload of the same content is waited for that brings nothing: a server lets go
   * of one whose connection is dead after some seconds.
   */
  private static final int MOST_WAITS = 40;

  private static final Duration WAIT = Duration.ofMillis(500);

  private final FarmConnection connection;
  private final Tally tally;

  private FileSender(FarmConnection connection, Tally tally) {
    this.connection = connection;
    this.tally = tally;
  }

  /** Counts bytes on their way. */
  private static final class Tally {
    private final TransferProgress progress;
    private final long total;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong arrived = new AtomicLong();

    Tally(TransferProgress progress, long total) {
      this.progress = progress;
      this.total = total;
    }

    void moved(long bytes) {
      sent.addAndGet(bytes);
      there(bytes);
    }

    /** Also less than none: what was lost on the way. */
    void there(long bytes) {
      progress.moved(Math.min(total, arrived.addAndGet(bytes)), total);
    }
  }

  /**
   * A file that the server lacks.
   *
   * @param received bytes of it that lie there
   */
  private record Lacking(OfferedFile file, long received) {
    long size() {
      return file.size();
    }
  }

  static SentFiles send(
      FarmConnection connection, Collection<OfferedFile> files, TransferProgress progress)
      throws IOException, InterruptedException {
    Map<String, OfferedFile> contents = new LinkedHashMap<>();
    files.forEach(file -> contents.putIfAbsent(file.blob().sha256(), file));
    long total = contents.values().stream().mapToLong(OfferedFile::size).sum();
    var sender = new FileSender(connection, new Tally(progress, total));
    List<Lacking> lacking = sender.lacking(contents.values());
    long present = total - lacking.stream().mapToLong(one -> one.size() - one.received()).sum();
    sender.tally.there(present);
    SideBySide.run(CONNECTIONS, sender.actions(lacking));
    return new SentFiles(
        lacking.size(), sender.tally.sent.get(), contents.size() - lacking.size(), present);
  }

  /** Asks in as few calls as possible. */
  private List<Lacking> lacking(Collection<OfferedFile> files)
      throws FarmException, InterruptedException {
    Map<String, OfferedFile> byHash = new HashMap<>();
    files.forEach(file -> byHash.put(file.blob().sha256(), file));
    List<BlobOffer> offers =
        files.stream().map(file -> new BlobOffer(file.blob().sha256(), file.size())).toList();
    List<Lacking> lacking = new ArrayList<>();
    for (int from = 0; from < offers.size(); from += BlobOffers.LIMIT) {
      var batch =
          new BlobOffers(offers.subList(from, Math.min(offers.size(), from + BlobOffers.LIMIT)));
      for (MissingBlob missing :
          connection.ask("blob/missing", batch, BlobsMissing.class).missing()) {
        OfferedFile file = byHash.get(missing.sha256());
        if (file != null) {
          lacking.add(new Lacking(file, missing.received()));
        }
      }
    }
    return lacking;
  }

  /** The largest first, so that no connection is left alone with a large one at the end. */
  private List<SideBySide.Action> actions(List<Lacking> lacking) {
    List<SideBySide.Action> actions = new ArrayList<>();
    lacking.stream()
        .filter(one -> one.size() >= LARGE)
        .sorted(Comparator.comparingLong(Lacking::size).reversed())
        .forEach(one -> actions.add(() -> sendLarge(one)));
    List<OfferedFile> small =
        lacking.stream().filter(one -> one.size() < LARGE).map(Lacking::file).toList();
    packs(small).forEach(pack -> actions.add(() -> sendPack(pack)));
    return actions;
  }

  private static List<List<OfferedFile>> packs(List<OfferedFile> files) {
    List<List<OfferedFile>> packs = new ArrayList<>();
    List<OfferedFile> pack = new ArrayList<>();
    long bytes = 0;
    for (OfferedFile file : files) {
      if (pack.size() == PACK_FILES || bytes + FilePack.entryLength(file) > PACK_BYTES) {
        packs.add(pack);
        pack = new ArrayList<>();
        bytes = 0;
      }
      pack.add(file);
      bytes += FilePack.entryLength(file);
    }
    if (!pack.isEmpty()) {
      packs.add(pack);
    }
    return packs;
  }

  private void sendLarge(Lacking lacking) throws IOException, InterruptedException {
    var upload = new Upload(lacking.file(), lacking.received());
    connection.persist(() -> upload.received, upload::go);
  }

  /** A large file on its way. Used by one thread. */
  private final class Upload {
    private final OfferedFile file;
    private long received;
    private boolean isFirst = true;

    Upload(OfferedFile file, long received) {
      this.file = file;
      this.received = received;
    }

    void go() throws IOException, InterruptedException {
      int waits = 0;
      while (isFirst || !askAgain()) {
        isFirst = false;
        long from = received;
        try {
          send();
          return;
        } catch (FarmException.Refused e) {
          if (e.is(ErrorCode.CHECKSUM_MISMATCH)) {
            throw new FileChangedException(file.file());
          }
          if (!e.is(ErrorCode.TRANSFER_CONFLICT)) {
            throw e;
          }
          e.data(MissingBlob.class).ifPresent(stand -> stands(stand.received()));
          waits = received > from ? 0 : waits + 1;
          if (waits == MOST_WAITS) {
            throw e;
          }
        }
        Thread.sleep(WAIT);
      }
    }

    /** Whether it is there by now: the answer may be what was lost. */
    private boolean askAgain() throws FarmException, InterruptedException {
      Optional<Lacking> lacking = lacking(List.of(file)).stream().findFirst();
      lacking.ifPresent(one -> stands(one.received()));
      return lacking.isEmpty();
    }

    /** What was counted as sent and did not arrive is taken back, and the other way round. */
    private void stands(long now) {
      tally.there(now - received);
      received = now;
    }

    private void send() throws IOException, InterruptedException {
      long first = received;
      var body = new ReadBody(file.size() - first, () -> FilePart.open(file, first), tally::moved);
      Map<String, String> range =
          first == 0
              ? Map.of()
              : Map.of(
                  "Content-Range", "bytes %d-%d/%d".formatted(first, file.size() - 1, file.size()));
      try {
        connection.send("blob/" + file.blob().sha256(), "PUT", range, body);
        received = file.size();
      } catch (IOException e) {
        // Until we know better, nothing of it has arrived.
        tally.there(-body.moved());
        throw e;
      }
    }
  }

  private void sendPack(List<OfferedFile> files) throws IOException, InterruptedException {
    var pack = new Pack(files);
    connection.persist(() -> files.size() - pack.left.size(), pack::go);
  }

  /** Small files on their way. Used by one thread. */
  private final class Pack {
    private List<OfferedFile> left;
    private boolean isFirst = true;

    Pack(List<OfferedFile> files) {
      left = files;
    }

    void go() throws IOException, InterruptedException {
      if (!isFirst) {
        stillMissing();
      }
      isFirst = false;
      if (left.isEmpty()) {
        return;
      }
      List<OfferedFile> now = left;
      var body = new ReadBody(FilePack.length(now), () -> new FilePack(now), tally::moved);
      try {
        connection.send("blob/pack", "POST", Map.of(), body);
        left = List.of();
      } catch (IOException e) {
        tally.there(-body.moved());
        throw e;
      }
    }

    private void stillMissing() throws FarmException, InterruptedException {
      List<OfferedFile> lacking = lacking(left).stream().map(Lacking::file).toList();
      tally.there(size(left) - size(lacking));
      left = lacking;
    }

    private static long size(List<OfferedFile> files) {
      return files.stream().mapToLong(OfferedFile::size).sum();
    }
  }
}
