package io.blendnet.storage;

import io.blendnet.security.PrivateFiles;
import io.blendnet.storage.spi.FolderInUseException;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a folder to one program at a time. The operating system gives the lock back when the
 * program ends, however it ends. The lock's file stays, and says who held it last. Thread-safe.
 */
public final class FolderLock implements Closeable {
  /** Far behind the text, which others must be able to read: Windows locks what it covers. */
  private static final long LOCKED_BYTE = 1L << 40;

  /**
   * Folders that this process holds. A file lock belongs to the process, and closing any other
   * channel on its file gives it up (fcntl on POSIX), so a second try here must not even open it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private FolderLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes a folder.
   *
   * @param folder is created, private, where it is missing
   * @param name of the lock's file in it
   * @throws FolderInUseException when somebody has it, with the process and machine that does
   */
  public static FolderLock take(Path folder, String name) throws IOException {
    PrivateFiles.createFolder(folder);
    Path file = folder.toRealPath().resolve(name);
    if (!HELD.add(file)) {
      throw new FolderInUseException(folder, "this very process (" + thisProcess() + ")");
    }
    try {
      return take(folder, file);
    } catch (IOException | RuntimeException e) {
      HELD.remove(file);
      throw e;
    }
  }

  /** Gives the folder back. */
  @Override
  public void close() throws IOException {
    if (!channel.isOpen()) {
      return;
    }
    channel.close();
    HELD.remove(file);
  }

  private static FolderLock take(Path folder, Path file) throws IOException {
    FileChannel channel = openOrCreate(file);
    try {
      FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
      if (lock == null) {
        throw new FolderInUseException(folder, holder(channel));
      }
      sign(channel, folder);
      return new FolderLock(file, channel);
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw new FolderInUseException(folder, "this very process (" + thisProcess() + ")");
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void sign(FileChannel channel, Path folder) throws IOException {
    byte[] name = thisProcess().getBytes(StandardCharsets.UTF_8);
    try {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(name), 0);
    } catch (IOException e) {
      throw FreeSpace.explain(e, folder, name.length);
    }
  }

  private static FileChannel openOrCreate(Path file) throws IOException {
    if (!Files.exists(file)) {
      try {
        return PrivateFiles.open(file);
      } catch (FileAlreadyExistsException _) {
        // Another program was quicker to create it; who gets the lock is not decided by that.
      }
    }
    return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(1_000);
    channel.read(text, 0);
    String holder = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8);
    return holder.isBlank() ? "another program that has just started" : holder;
  }

  private static String thisProcess() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException _) {
      host = "this machine";
    }
    return "process %d on %s".formatted(ProcessHandle.current().pid(), host);
  }
}
