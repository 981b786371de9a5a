package io.blendnet.storage;

import io.blendnet.domain.BlobId;
import io.blendnet.security.PrivateFiles;
import io.blendnet.storage.spi.BlobMismatchException;
import io.blendnet.storage.spi.BlobPart;
import io.blendnet.storage.spi.BlobStore;
import io.blendnet.storage.spi.UploadConflictException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Contents that have arrived in part, each a file named by what it is to become. They outlive the
 * program, whose next run goes on with them. Thread-safe.
 */
final class PartialUploads {
  private static final Logger LOG = LoggerFactory.getLogger(PartialUploads.class);

  /**
   * What an earlier run left is cut to whole blocks, and always by something: the end of a file may
   * not have reached the disk, and of one that was wholly there a rest is to come that lets it be
   * finished.
   */
  private static final long BLOCK = 1024 * 1024;

  private final Path folder;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Executor threads;
  private final Intake intake;
  private final Map<BlobId, Upload> uploads = new HashMap<>();

  /**
   * @param folder of theirs alone
   * @param nanoTime nanoseconds from any origin
   */
  PartialUploads(Path folder, InstantSource clock, LongSupplier nanoTime, Executor threads)
      throws IOException {
    this.folder = PrivateFiles.createFolder(folder);
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.threads = threads;
    this.intake = new Intake(threads);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder)) {
      for (Path file : left) {
        recover(file);
      }
    }
  }

  private void recover(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    long whole = (Files.size(file) - 1) / BLOCK * BLOCK;
    if (!BlobId.isValid(name) || whole <= 0) {
      Files.delete(file);
      return;
    }
    FileTime asked = Files.getLastModifiedTime(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(whole);
    }
    Files.setLastModifiedTime(file, asked);
    Upload upload = new Upload(file, asked.toInstant());
    upload.received = whole;
    uploads.put(new BlobId(name), upload);
  }

  /**
   * How much of a content lies here; that counts as asking for it.
   *
   * @param size of the whole content; the answer is less
   */
  synchronized long received(BlobId id, long size) throws IOException {
    Upload upload = uploads.get(id);
    if (upload == null) {
      return 0;
    }
    ask(upload);
    return received(upload, size);
  }

  private static long received(Upload upload, long size) {
    if (upload.received < size) {
      return upload.received;
    }
    // What is wholly there is being verified; what is too long and at rest helps nobody.
    return upload.current.isPresent() ? Math.max(0, size - 1) : 0;
  }

  private void ask(Upload upload) throws IOException {
    upload.asked = clock.instant();
    if (Files.exists(upload.file)) {
      Files.setLastModifiedTime(upload.file, FileTime.from(upload.asked));
    }
  }

  /**
   * Begins to receive a content, or goes on with it.
   *
   * @throws UploadConflictException it must go on from elsewhere, or another upload of it runs
   */
  synchronized Transfer begin(BlobPart part) throws IOException {
    BlobId id = part.id();
    Path file = folder.resolve(id.sha256());
    Upload upload = uploads.getOrDefault(id, new Upload(file, clock.instant()));
    if (upload.current.isPresent() && !upload.current.get().isStalled()) {
      throw new UploadConflictException(
          id, received(upload, part.size()), "Another upload of this content is under way");
    }
    if (part.first() != received(upload, part.size())) {
      throw new UploadConflictException(
          id,
          received(upload, part.size()),
          "The upload cannot go on from byte %,d".formatted(part.first()));
    }
    if (upload.current.isPresent()) {
      LOG.info("The upload of {} goes on over another connection: the first one stalls", id);
      upload.current.get().channel.close();
      // They may lack what was written last.
      upload.sums = Optional.empty();
    }
    uploads.put(id, upload);
    return open(upload, part);
  }

  private Transfer open(Upload upload, BlobPart part) throws IOException {
    FileChannel channel =
        Files.exists(upload.file)
            ? FileChannel.open(upload.file, StandardOpenOption.READ, StandardOpenOption.WRITE)
            : PrivateFiles.open(upload.file);
    try {
      // More lies here where the disk failed in the middle of a buffer.
      channel.truncate(part.first());
      channel.position(part.first());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    if (part.first() == 0) {
      upload.sums = Optional.of(Checksums.sha256());
    }
    upload.received = part.first();
    Transfer transfer = new Transfer(part, upload, channel);
    upload.current = Optional.of(transfer);
    return transfer;
  }

  /** Bytes of all that lie here. */
  synchronized long bytes() {
    return uploads.values().stream().mapToLong(upload -> upload.received).sum();
  }

  /** Drops those at rest that nobody asked for since then. */
  synchronized void drop(Instant since) throws IOException {
    var all = uploads.entrySet().iterator();
    while (all.hasNext()) {
      Upload upload = all.next().getValue();
      if (upload.current.isEmpty() && !upload.asked.isAfter(since)) {
        Files.deleteIfExists(upload.file);
        all.remove();
      }
    }
  }

  private synchronized void advance(Upload upload, Transfer by, int length) throws IOException {
    if (!upload.current.equals(Optional.of(by))) {
      throw new IOException("The upload goes on over another connection");
    }
    upload.received += length;
    upload.asked = clock.instant();
  }

  private synchronized void end(Transfer transfer, Optional<Checksums> sums) throws IOException {
    Upload upload = transfer.upload;
    if (!upload.current.equals(Optional.of(transfer))) {
      return;
    }
    upload.current = Optional.empty();
    // Where memory ran out in between they may lack what was written.
    upload.sums = sums.filter(running -> running.size() == upload.received);
    if (upload.received == 0 || transfer.ended) {
      Files.deleteIfExists(upload.file);
      uploads.remove(transfer.part.id());
    } else {
      ask(upload);
    }
  }

  /** A content of which something has arrived. Guarded by the lock of all uploads. */
  private static final class Upload {
    private final Path file;
    private Instant asked;
    private long received;

    /** Of what was received; empty where the file has to be read for them. */
    private Optional<Checksums> sums = Optional.empty();

    private Optional<Transfer> current = Optional.empty();

    Upload(Path file, Instant asked) {
      this.file = file;
      this.asked = asked;
    }
  }

  /** An upload under way. Used by one thread; closed, it can be gone on with by the next. */
  final class Transfer implements AutoCloseable {
    private final BlobPart part;
    private final Upload upload;
    private final FileChannel channel;
    private final WriteBehind behind;
    private Optional<Checksums> sums;
    private boolean ended;

    /** Since when the sender has been waited for, in nanoseconds; empty while it is not. */
    private volatile OptionalLong waitingSince = OptionalLong.empty();

    private Transfer(BlobPart part, Upload upload, FileChannel channel) {
      this.part = part;
      this.upload = upload;
      this.channel = channel;
      this.behind = new WriteBehind(channel, threads);
      this.sums = upload.sums;
    }

    Path file() {
      return upload.file;
    }

    private boolean isStalled() {
      OptionalLong since = waitingSince;
      return since.isPresent()
          && nanoTime.getAsLong() - since.getAsLong() >= BlobStore.STALLED.toNanos();
    }

    /**
     * Reads all that is to come.
     *
     * @param room that was promised for it
     * @return sums of the whole content, which lies on the disk
     */
    Checksums.Sums receive(InputStream bytes, Room.Promise room) throws IOException {
      Checksums running = sums.isPresent() ? sums.get() : sumsOfFile();
      sums = Optional.of(running);
      try {
        intake.take(
            new Watched(bytes),
            part.length(),
            running,
            (buffer, length) -> write(buffer, length, room));
      } catch (InterruptedIOException e) {
        // Nobody knows how far they have come.
        sums = Optional.empty();
        throw e;
      }
      if (running.size() != part.size()) {
        throw new BlobMismatchException(
            "length", part.size() + " bytes", running.size() + " bytes");
      }
      channel.force(true);
      return running.sums();
    }

    /** After a restart, or when another upload was taken over. */
    private Checksums sumsOfFile() throws IOException {
      try (InputStream file = Files.newInputStream(upload.file)) {
        return intake.of(file, part.first());
      }
    }

    private void write(byte[] buffer, int length, Room.Promise room) throws IOException {
      if (channel.position() + length > part.size()) {
        throw new BlobMismatchException("length", part.size() + " bytes", "more");
      }
      ByteBuffer rest = ByteBuffer.wrap(buffer, 0, length);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      behind.wrote(length);
      advance(upload, this, length);
      room.used(length);
    }

    /** Nothing of it is kept: it is stored now, or it is not what it was said to be. */
    void end() {
      ended = true;
    }

    @Override
    public void close() throws IOException {
      try (channel) {
        if (!ended) {
          channel.force(false);
        }
      } finally {
        PartialUploads.this.end(this, sums);
      }
    }

    /** Tells when the sender is waited for. */
    private final class Watched extends FilterInputStream {
      Watched(InputStream bytes) {
        super(bytes);
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        waitingSince = OptionalLong.of(nanoTime.getAsLong());
        try {
          return super.read(buffer, offset, length);
        } finally {
          waitingSince = OptionalLong.empty();
        }
      }
    }
  }
}
