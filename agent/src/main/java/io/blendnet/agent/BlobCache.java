package io.blendnet.agent;

import io.blendnet.domain.BlobId;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobExpectation;
import io.blendnet.storage.spi.BlobStore;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's blobs: files of scenes, kept from task to task. Those that nobody has asked for
 * longest go when there are more bytes than allowed or when the disk gets full; those that a lease
 * or a task retains stay. Thread-safe.
 */
final class BlobCache implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(BlobCache.class);

  /** Left free on the disk when a blob comes in. */
  private static final long RESERVE = 256L << 20;

  private final BlobStore store;
  private final Path folder;
  private final long limit;

  /** Size of each blob, the one that was asked for longest ago first. */
  private final Map<BlobId, Long> sizes = new LinkedHashMap<>(16, 0.75f, true);

  private final Map<BlobId, Integer> retained = new HashMap<>();
  private long total;

  /**
   * @param folder where the store's files lie
   * @param limit bytes; more are kept while they are retained
   */
  BlobCache(BlobStore store, Path folder, long limit) throws IOException {
    this.store = store;
    this.folder = folder;
    this.limit = limit;
    List<Blob> stored = new ArrayList<>();
    store.forEach(stored::add);
    stored.sort(Comparator.comparing(Blob::created));
    stored.forEach(this::note);
    trimTo(limit);
  }

  Set<BlobId> missing(Collection<BlobId> ids) throws IOException {
    synchronized (this) {
      ids.forEach(sizes::get);
    }
    return store.missing(ids);
  }

  /** Stores a stream; see {@link BlobStore#put}. */
  Blob put(InputStream bytes, BlobExpectation expected) throws IOException {
    makeRoom(expected.size());
    Blob blob = store.put(bytes, expected);
    note(blob);
    trimTo(limit);
    return blob;
  }

  /** Moves a finished file in; see {@link BlobStore#adopt}. */
  Blob adopt(Path file) throws IOException {
    Blob blob = store.adopt(file);
    note(blob);
    return blob;
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
  }

  void release(Collection<BlobId> ids) {
    synchronized (this) {
      for (BlobId id : ids) {
        retained.computeIfPresent(id, (_, count) -> count > 1 ? Integer.valueOf(count - 1) : null);
      }
    }
    trimTo(limit);
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

  private void makeRoom(OptionalLong size) throws IOException {
    if (size.isEmpty()) {
      return;
    }
    long lacking = size.getAsLong() + RESERVE - Files.getFileStore(folder).getUsableSpace();
    if (lacking > 0) {
      trimTo(Math.max(0, total() - lacking));
    }
  }

  private synchronized long total() {
    return total;
  }

  private synchronized void note(Blob blob) {
    Long before = sizes.put(blob.id(), blob.size());
    total += blob.size() - (before == null ? 0 : before);
  }

  private synchronized void forget(BlobId id) {
    Long size = sizes.remove(id);
    total -= size == null ? 0 : size;
  }

  private synchronized void trimTo(long most) {
    Iterator<Map.Entry<BlobId, Long>> oldest = sizes.entrySet().iterator();
    while (total > most && oldest.hasNext()) {
      Map.Entry<BlobId, Long> entry = oldest.next();
      if (!retained.containsKey(entry.getKey())) {
        delete(entry.getKey());
        total -= entry.getValue();
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
