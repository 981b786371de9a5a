package io.blendnet.cli;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * By which an unchanged file is known without reading it.
 *
 * @param size bytes
 * @param modified ns since the epoch
 * @param changed ns since the epoch, of its content or of anything else about it; no program can
 *     set it. 0 where the system has none
 * @param key names it within its file system; empty where the system has none
 */
record FileStamp(long size, long modified, long changed, String key) {

  /** The stamp of a file, links followed. */
  static FileStamp of(Path file) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      Map<String, Object> all =
          Files.readAttributes(file, "unix:size,lastModifiedTime,ctime,dev,ino");
      return new FileStamp(
          (Long) Objects.requireNonNull(all.get("size")),
          nanos((FileTime) Objects.requireNonNull(all.get("lastModifiedTime"))),
          nanos((FileTime) Objects.requireNonNull(all.get("ctime"))),
          all.get("dev") + ":" + all.get("ino"));
    }
    BasicFileAttributes basic = Files.readAttributes(file, BasicFileAttributes.class);
    return new FileStamp(
        basic.size(),
        nanos(basic.lastModifiedTime()),
        0,
        basic.fileKey() == null ? "" : basic.fileKey().toString());
  }

  private static long nanos(FileTime time) {
    return time.to(TimeUnit.NANOSECONDS);
  }

  /** Whether the file has been as it is since before a moment. */
  boolean isOlderThan(Instant moment) {
    long nanos = FileTime.from(moment).to(TimeUnit.NANOSECONDS);
    return modified < nanos && changed < nanos;
  }

  void write(DataOutputStream out) throws IOException {
    out.writeLong(size);
    out.writeLong(modified);
    out.writeLong(changed);
    out.writeUTF(key);
  }

  static FileStamp read(DataInputStream in) throws IOException {
    return new FileStamp(in.readLong(), in.readLong(), in.readLong(), in.readUTF());
  }
}
