package io.blendnet.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes everything durable that was written to a file system, files and names, in one go: Linux's
 * {@code syncfs}. For a thousand small files that is some hundred times cheaper than to wait for
 * each. Who asks while one is under way shares the next. Thread-safe.
 */
final class DiskSync implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskSync.class);

  /** Those of which it is known that they wait for the device; FUSE, for one, does not. */
  private static final Set<String> FILE_SYSTEMS =
      Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "tmpfs");

  /**
   * From Linux 5.8 on it tells that something could not be written (syncfs(2)), from 5.17 on also
   * where the file system itself fails.
   */
  private static final int MAJOR = 5;

  private static final int MINOR = 17;
  private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");

  /** {@code O_RDONLY | O_CLOEXEC}. */
  private static final int OPEN_FLAGS = 0x80000;

  private static final int ENOSPC = 28;
  private static final int EDQUOT = 122;

  private final Path folder;
  private final Calls calls;
  private final int file;

  /** A call out of Java holds its thread, which is not to be one of the few of virtual threads. */
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("disk-sync").factory());

  /** How often something could not be written. */
  private final AtomicLong failures = new AtomicLong();

  /** Asked for and not begun. */
  private Optional<CompletableFuture<Void>> next = Optional.empty();

  private DiskSync(Path folder, Calls calls, int file) {
    this.folder = folder;
    this.calls = calls;
    this.file = file;
  }

  /** For the file system of a folder, where there is such a call and it can be relied on. */
  static Optional<DiskSync> of(Path folder) throws IOException {
    if (!isReliable(folder)) {
      return Optional.empty();
    }
    try {
      Calls calls = Calls.link();
      int file = calls.open(folder);
      return file < 0 ? Optional.empty() : Optional.of(new DiskSync(folder, calls, file));
    } catch (RuntimeException e) {
      // Native access may be forbidden to this program; there is another way.
      LOG.info("Files are brought to the disk one by one: {}", e.toString());
      return Optional.empty();
    }
  }

  private static boolean isReliable(Path folder) throws IOException {
    Matcher version = VERSION.matcher(System.getProperty("os.version", ""));
    if (!System.getProperty("os.name", "").equals("Linux") || !version.matches()) {
      return false;
    }
    int major = Integer.parseInt(version.group(1));
    int minor = Integer.parseInt(version.group(2));
    return (major > MAJOR || (major == MAJOR && minor >= MINOR))
        && FILE_SYSTEMS.contains(Files.getFileStore(folder).type());
  }

  /** How often something could not be written until now. */
  long failures() {
    return failures.get();
  }

  /**
   * Returns when all is on the disk that was written before the call. The system tells of what
   * could not be written once, to whoever asks next: it is the failure of all who were writing.
   *
   * @param before the {@link #failures} before the first of it was written
   */
  void await(long before) throws IOException {
    try {
      request().get();
      if (failures.get() != before) {
        throw new IOException(folder + ": something could not be brought to the disk meanwhile");
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SyncFailure failure) {
        throw new IOException(failure.getMessage(), failure);
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("The program is about to end");
    }
  }

  private synchronized CompletableFuture<Void> request() {
    if (next.isEmpty()) {
      next = Optional.of(CompletableFuture.runAsync(this::sync, thread));
    }
    return next.get();
  }

  private void sync() {
    synchronized (this) {
      next = Optional.empty();
    }
    try {
      calls.sync(file, folder);
    } catch (SyncFailure e) {
      failures.incrementAndGet();
      throw e;
    }
  }

  @Override
  public void close() {
    thread.close();
    calls.close(file);
  }

  /** The C library's functions. */
  private record Calls(MethodHandle open, MethodHandle syncfs, MethodHandle close) {
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
        STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    static Calls link() {
      FunctionDescriptor ofFile = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
      return new Calls(
          handle(
              "open",
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
              Linker.Option.firstVariadicArg(2)),
          handle("syncfs", ofFile, Linker.Option.captureCallState("errno")),
          handle("close", ofFile));
    }

    // The manifest and ./blendnet allow native access: SQLite needs it, too.
    @SuppressWarnings("restricted")
    private static MethodHandle handle(
        String name, FunctionDescriptor type, Linker.Option... options) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type, options);
    }

    /** A file descriptor; negative where there is none. */
    int open(Path folder) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment name = arena.allocateFrom(folder.toString(), fileNames());
        return (int) open.invokeExact(name, OPEN_FLAGS);
      } catch (Throwable e) {
        throw unexpected(e);
      }
    }

    private static Charset fileNames() {
      return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    }

    void sync(int file, Path folder) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment state = arena.allocate(STATE);
        if ((int) syncfs.invokeExact(state, file) != 0) {
          throw new SyncFailure(folder, (int) ERRNO.get(state, 0L));
        }
      } catch (SyncFailure e) {
        throw e;
      } catch (Throwable e) {
        throw unexpected(e);
      }
    }

    void close(int file) {
      try {
        int _ = (int) close.invokeExact(file);
      } catch (Throwable e) {
        throw unexpected(e);
      }
    }

    private static IllegalStateException unexpected(Throwable failure) {
      return new IllegalStateException("A call of the C library failed: " + failure, failure);
    }
  }

  /** The system could not write. */
  private static final class SyncFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SyncFailure(Path folder, int error) {
      super(
          "%s: %s"
              .formatted(
                  folder,
                  switch (error) {
                    case ENOSPC -> "No space left on device";
                    case EDQUOT -> "Disk quota exceeded";
                    default -> "it cannot be brought to the disk (error %d)".formatted(error);
                  }));
    }
  }
}
