package io.blendnet.storage;

import io.blendnet.domain.BlobId;
import io.blendnet.security.PrivateFiles;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobBatch;
import io.blendnet.storage.spi.BlobConflictException;
import io.blendnet.storage.spi.BlobExpectation;
import io.blendnet.storage.spi.BlobMismatchException;
import io.blendnet.storage.spi.BlobPart;
import io.blendnet.storage.spi.BlobStore;
import io.blendnet.storage.spi.FolderInUseException;
import io.blendnet.storage.spi.StorageFullException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs as private files of a folder, each at {@code ab/cdef...} of its SHA-256. Bytes arrive in
 * {@code incoming/}, or in {@code uploads/} where they are to outlive a broken connection, and get
 * their name when they are verified and on the disk. Thread-safe.
 */
public final class FileBlobStore implements BlobStore {
  private static final Logger LOG = LoggerFactory.getLogger(FileBlobStore.class);

  /** Where a Manager keeps its blobs, beside its farm. */
  public static final String FOLDER = "blobs";

  private static final String LOCK_FILE = "blobs.lock";
  static final String INDEX_FILE = "index.db";
  private static final String INCOMING = "incoming";
  private static final String UPLOADS = "uploads";
  private static final String DAMAGED = "damaged";
  private static final int STRIPES = 64;

  private final Path folder;
  private final Path incoming;
  private final InstantSource clock;
  private final FolderLock lock;
  private final BlobIndex index;
  private final Executor threads = Thread::startVirtualThread;
  private final Intake intake = new Intake(threads);
  private final PartialUploads uploads;
  private final Room room;
  private final FileBlobBatch.Limits batches = new FileBlobBatch.Limits();

  /** Where the system can do it for many files in one go. */
  private final Optional<DiskSync> disk;

  /** Held for reading while names change, for writing while the store closes. */
  private final ReadWriteLock changing = new ReentrantReadWriteLock();

  /** By content: of two that bring the same, one waits for the other. */
  private final Lock[] stripes =
      Stream.generate(ReentrantLock::new).limit(STRIPES).toArray(Lock[]::new);

  /** Contents that batches have named and not indexed yet, and by how many. */
  private final Map<BlobId, Integer> placing = new ConcurrentHashMap<>();

  private boolean closed;

  private FileBlobStore(
      Path folder, InstantSource clock, LongSupplier nanoTime, long limit, FolderLock lock)
      throws IOException {
    this.folder = folder;
    this.clock = clock;
    this.lock = lock;
    incoming = PrivateFiles.createFolder(folder.resolve(INCOMING));
    sweep();
    uploads = new PartialUploads(folder.resolve(UPLOADS), clock, nanoTime, threads);
    room = new Room(folder, limit, this::bytes);
    index = BlobIndex.open(folder.resolve(INDEX_FILE));
    try {
      if (!index.takeCleanMark()) {
        reconcile();
      }
      disk = DiskSync.of(folder);
    } catch (IOException | RuntimeException e) {
      index.close();
      throw e;
    }
  }

  /** Without a limit, by the system's clock. */
  public static FileBlobStore open(Path folder) throws IOException {
    return open(folder, Long.MAX_VALUE, InstantSource.system());
  }

  /**
   * Opens the blobs of a folder, which is created, private, where it is missing. What an
   * interrupted program left half there is removed, but for uploads that can be gone on with; after
   * a crash the folder is compared with its index first, some seconds for a million files.
   *
   * @param limit bytes that may be stored altogether by {@link #put}, {@link #receive} and batches;
   *     what this program adopts goes beyond
   * @throws FolderInUseException when another program works there, with its process
   */
  public static FileBlobStore open(Path folder, long limit, InstantSource clock)
      throws IOException {
    return open(folder, limit, clock, System::nanoTime);
  }

  static FileBlobStore open(Path folder, long limit, InstantSource clock, LongSupplier nanoTime)
      throws IOException {
    FolderLock lock = FolderLock.take(folder, LOCK_FILE);
    try {
      return new FileBlobStore(folder.toRealPath(), clock, nanoTime, limit, lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  @Override
  public Blob put(InputStream bytes, BlobExpectation expected) throws IOException {
    if (expected.id().isPresent()) {
      Optional<Blob> stored = ask(expected.id().get());
      if (stored.isPresent()) {
        Blob blob = stored.get();
        Optional<String> sha1 =
            expected.sha1().isPresent() ? Optional.of(sha1(blob.id())) : Optional.empty();
        check(expected, new Checksums.Sums(blob.id(), sha1, blob.size()));
        return blob;
      }
    }
    Path temporary = incoming.resolve(UUID.randomUUID() + ".part");
    try (Room.Promise promise = room.promise(expected.size().orElse(0))) {
      Checksums.Sums sums = receive(bytes, expected, temporary, promise);
      check(expected, sums);
      return place(temporary, sums, clock.instant());
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  @Override
  public Blob receive(BlobPart part, InputStream bytes) throws IOException {
    BlobExpectation expected = BlobExpectation.NONE.withId(part.id()).withSize(part.size());
    if (part.size() == 0 || ask(part.id()).isPresent()) {
      return put(bytes, expected);
    }
    checkOpen();
    try (Room.Promise promise = room.promise(part.length());
        PartialUploads.Transfer transfer = uploads.begin(part)) {
      try {
        Checksums.Sums sums = transfer.receive(bytes, promise);
        check(expected, sums);
        Blob blob = place(transfer.file(), sums, clock.instant());
        transfer.end();
        return blob;
      } catch (BlobMismatchException | StorageFullException e) {
        transfer.end();
        throw e;
      } catch (IOException e) {
        if (FreeSpace.isFull(e, folder, Checksums.BUFFER)) {
          transfer.end();
          throw FreeSpace.explain(e, folder, part.length());
        }
        throw e;
      }
    }
  }

  @Override
  public long received(BlobId id, long size) throws IOException {
    return uploads.received(id, size);
  }

  @Override
  public BlobBatch batch() {
    return new FileBlobBatch(this, incoming, threads, batches);
  }

  @Override
  public long room() {
    return room.left();
  }

  @Override
  public long bytes() {
    return index.bytes() + uploads.bytes();
  }

  @Override
  public Blob adopt(Path file) throws IOException {
    return adopt(file, Checksums.bothOf(file));
  }

  @Override
  public Blob adopt(Path file, BlobId id) throws IOException {
    return adopt(file, new Checksums.Sums(id, Optional.empty(), Files.size(file)));
  }

  private Blob adopt(Path file, Checksums.Sums sums) throws IOException {
    PrivateFiles.restrict(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    try {
      Blob blob = place(file, sums, NEVER);
      // Still there when the content was stored before.
      Files.deleteIfExists(file);
      return blob;
    } catch (AtomicMoveNotSupportedException _) {
      // On another file system: its bytes have to travel.
      try (InputStream bytes = Files.newInputStream(file)) {
        BlobExpectation sized = BlobExpectation.NONE.withSize(sums.size()).withId(sums.id());
        Blob blob = put(bytes, sums.sha1().map(sized::withSha1).orElse(sized));
        Files.delete(file);
        return blob;
      }
    }
  }

  @Override
  public Optional<Blob> find(BlobId id) throws IOException {
    return index.find(id);
  }

  @Override
  public String sha1(BlobId id) throws IOException {
    Optional<String> known = index.sha1(id);
    if (known.isPresent()) {
      return known.get();
    }
    String sha1 = Checksums.sha1(file(id));
    index.setSha1(id, sha1);
    return sha1;
  }

  @Override
  public Optional<Blob> findBySha1(String sha1) throws IOException {
    return index.findBySha1(sha1);
  }

  @Override
  public Set<BlobId> missing(Collection<BlobId> ids) throws IOException {
    Set<BlobId> missing = new LinkedHashSet<>(ids);
    missing.removeAll(index.ask(ids, clock.instant()));
    return missing;
  }

  /** Finds a blob that somebody wants. */
  Optional<Blob> ask(BlobId id) throws IOException {
    return index.ask(List.of(id), clock.instant()).isEmpty() ? Optional.empty() : index.find(id);
  }

  @Override
  public Path file(BlobId id) throws IOException {
    Path file = path(id);
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "there is no such blob");
    }
    return file;
  }

  @Override
  public boolean delete(BlobId id) throws IOException {
    return remove(
        id,
        () -> {
          // The file first: should the machine stop in between, the next start drops the row.
          Files.deleteIfExists(path(id));
          return index.remove(id);
        });
  }

  @Override
  public boolean deleteUnlessAsked(BlobId id, Instant since) throws IOException {
    return remove(
        id,
        () -> {
          // The row first: who asks from now on hears that it is missing. Should the machine stop
          // in between, the next start adds the row again.
          if (!index.removeUnlessAsked(id, since)) {
            return false;
          }
          Files.deleteIfExists(path(id));
          return true;
        });
  }

  private interface Removal {
    boolean run() throws IOException;
  }

  /** Removes a blob that is there while nobody stores the same content. */
  private boolean remove(BlobId id, Removal removal) throws IOException {
    if (index.find(id).isEmpty()) {
      return false;
    }
    Lock stripe = stripe(id);
    stripe.lock();
    changing.readLock().lock();
    try {
      checkOpen();
      return removal.run();
    } finally {
      changing.readLock().unlock();
      stripe.unlock();
    }
  }

  @Override
  public void dropUploads(Duration unaskedFor) throws IOException {
    uploads.drop(clock.instant().minus(unaskedFor));
  }

  @Override
  public void forEachUnasked(Instant since, Consumer<Blob> visitor) throws IOException {
    index.forEachUnasked(since, visitor);
  }

  @Override
  public void forEach(Consumer<Blob> visitor) throws IOException {
    index.forEach(visitor);
  }

  /** Closes the index in order. Bytes that are still arriving will not be stored. */
  @Override
  public void close() throws IOException {
    changing.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      try {
        index.setCleanMark();
      } finally {
        index.close();
        disk.ifPresent(DiskSync::close);
        lock.close();
      }
    } finally {
      changing.writeLock().unlock();
    }
  }

  private Checksums.Sums receive(
      InputStream bytes, BlobExpectation expected, Path temporary, Room.Promise promise)
      throws IOException {
    Checksums checksums = expected.sha1().isPresent() ? Checksums.withSha1() : Checksums.sha256();
    long announced = expected.size().orElse(Long.MAX_VALUE);
    try (FileChannel channel = create(temporary, expected)) {
      WriteBehind behind = new WriteBehind(channel, threads);
      intake.take(
          bytes,
          announced,
          checksums,
          (buffer, length) -> {
            if (length > announced - channel.position()) {
              throw new BlobMismatchException("length", announced + " bytes", "more");
            }
            write(
                channel,
                ByteBuffer.wrap(buffer, 0, length),
                temporary,
                wanted(expected, channel.position() + length));
            behind.wrote(length);
            if (expected.size().isPresent()) {
              promise.used(length);
            }
          });
      force(channel, temporary, wanted(expected, channel.position()));
    }
    return checksums.sums();
  }

  /** Writes a new file of those that {@link #place} brings onto the disk together. */
  void write(Path file, byte[] bytes) throws IOException {
    BlobExpectation expected = BlobExpectation.NONE.withSize(bytes.length);
    try (FileChannel channel = create(file, expected)) {
      write(channel, ByteBuffer.wrap(bytes), file, bytes.length);
      if (disk.isEmpty()) {
        force(channel, file, bytes.length);
      }
    }
  }

  Room.Promise promise(long bytes) throws StorageFullException {
    return room.promise(bytes);
  }

  private FileChannel create(Path temporary, BlobExpectation expected) throws IOException {
    try {
      return PrivateFiles.open(temporary);
    } catch (IOException e) {
      throw explain(e, temporary, expected.size().orElse(Checksums.BUFFER));
    }
  }

  private void write(FileChannel channel, ByteBuffer bytes, Path temporary, long wanted)
      throws IOException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw explain(e, temporary, wanted);
    }
  }

  private void force(FileChannel channel, Path temporary, long wanted) throws IOException {
    try {
      channel.force(true);
    } catch (IOException e) {
      throw explain(e, temporary, wanted);
    }
  }

  /**
   * Tells what is free once the half file is gone: the number that the wanted bytes compare with.
   */
  private IOException explain(IOException failure, Path temporary, long wanted) throws IOException {
    boolean full = FreeSpace.isFull(failure, folder, Checksums.BUFFER);
    Files.deleteIfExists(temporary);
    if (!full) {
      return failure;
    }
    StorageFullException explained = new StorageFullException(folder, wanted, FreeSpace.in(folder));
    explained.initCause(failure);
    return explained;
  }

  private static long wanted(BlobExpectation expected, long sofar) {
    return expected.size().orElse(sofar);
  }

  private static void check(BlobExpectation expected, Checksums.Sums found)
      throws BlobMismatchException {
    if (expected.size().isPresent() && expected.size().getAsLong() != found.size()) {
      throw new BlobMismatchException(
          "length", expected.size().getAsLong() + " bytes", found.size() + " bytes");
    }
    if (expected.sha1().isPresent() && !expected.sha1().equals(found.sha1())) {
      throw new BlobMismatchException(
          "SHA-1", expected.sha1().get(), found.sha1().orElse("not made"));
    }
    if (expected.id().isPresent() && !expected.id().get().equals(found.id())) {
      throw new BlobMismatchException("SHA-256", expected.id().get().sha256(), found.id().sha256());
    }
  }

  /**
   * Gives verified bytes that are on the disk their name.
   *
   * @param asked when somebody asked for them
   */
  private Blob place(Path temporary, Checksums.Sums sums, Instant asked) throws IOException {
    Lock stripe = stripe(sums.id());
    stripe.lock();
    changing.readLock().lock();
    try {
      checkOpen();
      refuseConflict(sums);
      Optional<Blob> same = index.find(sums.id());
      if (same.isPresent()) {
        if (Files.isRegularFile(path(sums.id()))) {
          // Who brings it counts on it, whoever else may have no more use for it.
          index.ask(List.of(sums.id()), clock.instant());
          if (sums.sha1().isPresent()) {
            index.setSha1(sums.id(), sums.sha1().get());
          }
          return same.get();
        }
        // Somebody removed the file behind our back; the new one takes its place.
        index.remove(sums.id());
      }
      return move(temporary, sums, asked);
    } finally {
      changing.readLock().unlock();
      stripe.unlock();
    }
  }

  private void refuseConflict(Checksums.Sums sums) throws IOException {
    if (sums.sha1().isPresent()) {
      String sha1 = sums.sha1().get();
      Optional<Blob> other = index.findBySha1(sha1).filter(blob -> !blob.id().equals(sums.id()));
      if (other.isPresent()) {
        throw new BlobConflictException(sha1, other.get().id(), sums.id());
      }
    }
  }

  /**
   * The same for many, which were written by {@link #write} and cost as few waits for the disk as
   * one.
   *
   * @param files each with its sums
   * @param failures the {@link #diskFailures} before the first of them was written
   */
  void place(Map<Path, Checksums.Sums> files, long failures) throws IOException {
    changing.readLock().lock();
    List<Blob> placed = new ArrayList<>();
    try {
      checkOpen();
      createShelves(files.values());
      Instant now = clock.instant();
      for (Map.Entry<Path, Checksums.Sums> file : files.entrySet()) {
        var blob = new Blob(file.getValue().id(), file.getValue().size(), now);
        if (placeUnindexed(file.getKey(), blob.id())) {
          placed.add(blob);
        }
      }
      if (disk.isPresent()) {
        disk.get().await(failures);
      } else {
        for (Path shelf : shelves(files.values())) {
          PrivateFiles.sync(shelf);
        }
      }
      index.addAll(placed);
    } catch (IOException e) {
      IOException explained = FreeSpace.explain(e, folder, SqliteDatabase.PAGE);
      removeUnindexed(placed);
      throw explained;
    } finally {
      placed.forEach(blob -> placing.computeIfPresent(blob.id(), (_, count) -> less(count)));
      changing.readLock().unlock();
    }
  }

  private static @Nullable Integer less(int count) {
    return count == 1 ? null : Integer.valueOf(count - 1);
  }

  /**
   * Gives a file its name that may not be on the disk yet. Should the machine stop before it is,
   * the next start finds a file without a row, and reads it before it is believed.
   *
   * @return false where the blob is there already, which counts as asking for it
   */
  private boolean placeUnindexed(Path temporary, BlobId id) throws IOException {
    Lock stripe = stripe(id);
    stripe.lock();
    try {
      if (index.find(id).isPresent() && Files.isRegularFile(path(id))) {
        index.ask(List.of(id), clock.instant());
        return false;
      }
      Files.move(temporary, path(id), StandardCopyOption.ATOMIC_MOVE);
      placing.merge(id, 1, Integer::sum);
      return true;
    } finally {
      stripe.unlock();
    }
  }

  /** But for those that somebody else is placing at this moment. */
  private void removeUnindexed(Collection<Blob> blobs) throws IOException {
    for (Blob blob : blobs) {
      Lock stripe = stripe(blob.id());
      stripe.lock();
      try {
        if (placing.getOrDefault(blob.id(), 0) == 1 && index.find(blob.id()).isEmpty()) {
          Files.deleteIfExists(path(blob.id()));
        }
      } finally {
        stripe.unlock();
      }
    }
  }

  /** The mark that {@link #place} wants, to be taken before the first file is written. */
  long diskFailures() {
    return disk.map(DiskSync::failures).orElse(0L);
  }

  private void createShelves(Collection<Checksums.Sums> sums) throws IOException {
    boolean created = false;
    for (Path shelf : shelves(sums)) {
      if (!Files.isDirectory(shelf)) {
        PrivateFiles.createFolder(shelf);
        created = true;
      }
    }
    if (created) {
      PrivateFiles.sync(folder);
    }
  }

  private Set<Path> shelves(Collection<Checksums.Sums> sums) {
    return sums.stream().map(sum -> shelf(folder, sum.id())).collect(Collectors.toSet());
  }

  private Blob move(Path temporary, Checksums.Sums sums, Instant asked) throws IOException {
    Path file = path(sums.id());
    Path shelf = shelf(folder, sums.id());
    Blob blob = new Blob(sums.id(), sums.size(), clock.instant());
    try {
      if (!Files.isDirectory(shelf)) {
        PrivateFiles.createFolder(shelf);
        PrivateFiles.sync(folder);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      PrivateFiles.sync(shelf);
      if (!index.add(blob, sums.sha1(), asked)) {
        // Another content of the same SHA-1 came at the same moment, and may have gone by now.
        refuseConflict(sums);
        index.add(blob, Optional.empty(), asked);
      }
      return blob;
    } catch (AtomicMoveNotSupportedException e) {
      throw e;
    } catch (IOException e) {
      if (!Files.exists(temporary) && Files.exists(file)) {
        Files.move(file, temporary, StandardCopyOption.ATOMIC_MOVE);
      }
      throw FreeSpace.explain(e, folder, SqliteDatabase.PAGE);
    }
  }

  private void sweep() throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(incoming)) {
      for (Path file : left) {
        Files.delete(file);
        LOG.info("Removed {}, which an interrupted upload left", file);
      }
    }
  }

  /** After a crash: makes the index say what the folder holds. */
  private void reconcile() throws IOException {
    for (int shelf = 0; shelf < 256; shelf++) {
      String digits = "%02x".formatted(shelf);
      Set<BlobId> known = index.startingWith(digits);
      Path place = folder.resolve(digits);
      if (Files.isDirectory(place)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(place)) {
          for (Path file : files) {
            String name = digits + file.getFileName();
            if (!BlobId.isValid(name)) {
              LOG.warn("{} is no blob; it is left alone", file);
            } else if (!known.remove(new BlobId(name))) {
              index(file, new BlobId(name));
            }
          }
        }
      }
      for (BlobId gone : known) {
        index.remove(gone);
      }
    }
  }

  private void index(Path file, BlobId id) throws IOException {
    Checksums.Sums sums = Checksums.of(file);
    if (!sums.id().equals(id)) {
      Path place = PrivateFiles.createFolder(folder.resolve(DAMAGED)).resolve(id.sha256());
      Files.move(file, place, StandardCopyOption.REPLACE_EXISTING);
      LOG.warn("The content of {} is not what its name says; it lies in {} now", file, place);
      return;
    }
    Instant arrived = Files.getLastModifiedTime(file).toInstant();
    // Whether somebody counts on it is lost with its row.
    index.add(new Blob(id, sums.size(), arrived), Optional.empty(), arrived);
  }

  /** The folder that a blob lies in. */
  static Path shelf(Path folder, BlobId id) {
    return folder.resolve(id.sha256().substring(0, 2));
  }

  static Path path(Path folder, BlobId id) {
    return shelf(folder, id).resolve(id.sha256().substring(2));
  }

  private Path path(BlobId id) {
    return path(folder, id);
  }

  private Lock stripe(BlobId id) {
    return stripes[Integer.parseInt(id.sha256().substring(0, 2), 16) % STRIPES];
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("The store of files in " + folder + " is closed");
    }
  }
}
