package io.blendnet.agent;

import io.blendnet.domain.BlobId;
import io.blendnet.protocol.BlobOffer;
import io.blendnet.protocol.MissingBlob;
import io.blendnet.server.ApiException;
import io.blendnet.server.BlobService;
import io.blendnet.server.LackingBlobs;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobBatch;
import io.blendnet.storage.spi.BlobExpectation;
import io.blendnet.storage.spi.BlobPart;
import io.blendnet.storage.spi.BlobStore;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's blobs: files of scenes, kept from task to task. Those that nobody has asked for
 * longest go when there are more bytes than allowed or the disk gets full; those that a lease or a
 * task retains stay. Thread-safe.
 */
final class BlobCache implements BlobService, Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(BlobCache.class);

  /**
   * Kept free on the disk for blobs to come, at most: an upload that does not fit is refused before
   * it reaches the cache.
   */
  private static final long MOST_RESERVE = 4L << 30;

  /** A small disk keeps this part of it free. */
  private static final int SHARE_OF_RESERVE = 10;

  private final BlobStore store;
  private final Path folder;
  private final long limit;
  private final InstantSource clock;

  /** A lease comes some time after the blobs that are uploaded for it. */
  private static final Duration GRACE = Duration.ofHours(1);

  private record Kept(long size, Instant askedFor) {}

  /** The blob that was asked for longest ago first. */
  private final Map<BlobId, Kept> kept = new LinkedHashMap<>();

  private final Map<BlobId, Integer> retained = new HashMap<>();
  private long total;

  /**
   * @param folder where the store's files lie
   * @param limit bytes; more are kept while they are retained or young
   * @param clock goes evenly, whatever is set on the machine; its origin does not matter
   */
  BlobCache(BlobStore store, Path folder, long limit, InstantSource clock) throws IOException {
    this.clock = clock;
    this.store = store;
    this.folder = folder;
    this.limit = limit;
    List<Blob> stored = new ArrayList<>();
    store.forEach(stored::add);
    stored.sort(Comparator.comparing(Blob::created));
    Instant old = clock.instant().minus(GRACE);
    stored.forEach(blob -> note(blob, old));
    trim();
  }

  /**
   * Refuses to go on without these.
   *
   * @param message what to do, with the number of those that are missing and of all
   * @throws ApiException some are missing; it lists them
   */
  void require(Collection<BlobId> ids, String message) throws IOException {
    touch(ids);
    LackingBlobs.refuse(store, ids, message);
  }

  @Override
  public List<MissingBlob> missing(Collection<BlobOffer> offers) throws IOException {
    touch(offers.stream().map(offer -> new BlobId(offer.sha256())).toList());
    return LackingBlobs.of(store, offers);
  }

  @Override
  public Blob receive(BlobPart part, InputStream bytes) throws IOException {
    Blob blob = store.receive(part, bytes);
    note(blob, clock.instant());
    trim();
    return blob;
  }

  @Override
  public BlobBatch batch(long bytes) throws IOException {
    return new Batch(store.batch());
  }

  /** Notes what gets here. */
  private final class Batch implements BlobBatch {
    private final BlobBatch batch;
    private final Set<BlobId> added = new LinkedHashSet<>();

    Batch(BlobBatch batch) {
      this.batch = batch;
    }

    @Override
    public void add(BlobId id, byte[] bytes) throws IOException, InterruptedException {
      batch.add(id, bytes);
      added.add(id);
    }

    @Override
    public int store() throws IOException, InterruptedException {
      int stored = batch.store();
      for (BlobId id : added) {
        store.find(id).ifPresent(blob -> note(blob, clock.instant()));
      }
      trim();
      return stored;
    }

    @Override
    public void close() throws IOException {
      batch.close();
    }
  }

  /** Stores a stream; see {@link BlobStore#put}. */
  Blob put(InputStream bytes, BlobExpectation expected) throws IOException {
    Blob blob = store.put(bytes, expected);
    note(blob, clock.instant());
    trim();
    return blob;
  }

  /** Moves a finished file in; see {@link BlobStore#adopt}. */
  Blob adopt(Path file) throws IOException {
    Blob blob = store.adopt(file);
    note(blob, clock.instant());
    return blob;
  }

  /**
   * A blob that is retained.
   *
   * @throws IOException it is not here
   */
  Blob find(BlobId id) throws IOException {
    return store.find(id).orElseThrow(() -> new IOException("The blob store has lost " + id));
  }

  /** The SHA-1 of a blob that is retained; see {@link BlobStore#sha1}. */
  String sha1(BlobId id) throws IOException {
    return store.sha1(id);
  }

  Optional<Blob> findBySha1(String sha1) throws IOException {
    return store.findBySha1(sha1);
  }

  Path file(BlobId id) throws IOException {
    return store.file(id);
  }

  /** Keeps blobs until {@link #release}; as often retained, as often to be released. */
  synchronized void retain(Collection<BlobId> ids) {
    ids.forEach(id -> retained.merge(id, 1, Integer::sum));
    touch(ids);
  }

  void release(Collection<BlobId> ids) {
    synchronized (this) {
      for (BlobId id : ids) {
        retained.computeIfPresent(id, (_, count) -> count > 1 ? Integer.valueOf(count - 1) : null);
      }
    }
    try {
      trim();
    } catch (IOException e) {
      LOG.warn("Cannot find out how full the disk with {} is: {}", folder, e.toString());
    }
  }

  /** Removes a blob of which it is known that nobody will ask for it again, unless retained. */
  synchronized void discard(BlobId id) {
    if (!retained.containsKey(id)) {
      delete(id);
      forget(id);
    }
  }

  /** Removes a blob whose bytes are no longer what its name says, retained or not. */
  synchronized void throwAway(BlobId id) {
    delete(id);
    forget(id);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }

  /** Removes what is beyond the limit, or keeps the disk from having its reserve free. */
  private void trim() throws IOException {
    store.dropUploads(GRACE);
    FileStore disk = Files.getFileStore(folder);
    long reserve = Math.min(MOST_RESERVE, disk.getTotalSpace() / SHARE_OF_RESERVE);
    long lacking = Math.max(0, reserve - disk.getUsableSpace());
    trimTo(Math.min(limit, Math.max(0, total() - lacking)));
  }

  private synchronized long total() {
    return total;
  }

  private synchronized void note(Blob blob, Instant askedFor) {
    forget(blob.id());
    kept.put(blob.id(), new Kept(blob.size(), askedFor));
    total += blob.size();
  }

  private synchronized void touch(Collection<BlobId> ids) {
    Instant now = clock.instant();
    for (BlobId id : ids) {
      Kept before = kept.remove(id);
      if (before != null) {
        kept.put(id, new Kept(before.size(), now));
      }
    }
  }

  private synchronized void forget(BlobId id) {
    Kept before = kept.remove(id);
    total -= before == null ? 0 : before.size();
  }

  private synchronized void trimTo(long most) {
    Instant young = clock.instant().minus(GRACE);
    Iterator<Map.Entry<BlobId, Kept>> oldest = kept.entrySet().iterator();
    while (total > most && oldest.hasNext()) {
      Map.Entry<BlobId, Kept> entry = oldest.next();
      if (entry.getValue().askedFor().isAfter(young)) {
        return;
      }
      if (!retained.containsKey(entry.getKey())) {
        delete(entry.getKey());
        total -= entry.getValue().size();
        oldest.remove();
      }
    }
  }

  private void delete(BlobId id) {
    try {
      store.delete(id);
    } catch (IOException e) {
      LOG.warn("Cannot remove the blob {} in {}: {}", id, folder, e.toString());
    }
  }
}
