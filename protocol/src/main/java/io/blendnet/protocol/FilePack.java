package io.blendnet.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Small files as a {@link BlobPack}. */
final class FilePack implements BodySource {
  private final Iterator<OfferedFile> files;

  FilePack(List<OfferedFile> files) {
    this.files = files.iterator();
  }

  /** Of the whole pack, in bytes. */
  static long length(List<OfferedFile> files) {
    return files.stream().mapToLong(FilePack::entryLength).sum();
  }

  static long entryLength(OfferedFile file) {
    return BlobPack.ENTRY_HEADER + file.size();
  }

  @Override
  public Optional<ByteBuffer> next() throws IOException {
    return files.hasNext() ? Optional.of(entry(files.next())) : Optional.empty();
  }

  /** Looked at once more: a server that meets a wrong entry cannot say which file it was. */
  private static ByteBuffer entry(OfferedFile file) throws IOException {
    int size = Math.toIntExact(file.size());
    var entry = ByteBuffer.allocate(BlobPack.ENTRY_HEADER + size);
    byte[] sum = HexFormat.of().parseHex(file.blob().sha256());
    entry.put(sum).putLong(size);
    try (InputStream content = Files.newInputStream(file.file())) {
      int count = content.readNBytes(entry.array(), BlobPack.ENTRY_HEADER, size);
      if (count < size || content.read() >= 0) {
        throw new FileChangedException(file.file());
      }
    }
    var digest = FileChecksum.SHA_256.start();
    digest.update(entry.array(), BlobPack.ENTRY_HEADER, size);
    if (!java.security.MessageDigest.isEqual(digest.digest(), sum)) {
      throw new FileChangedException(file.file());
    }
    return entry.rewind();
  }

  @Override
  public void close() {
    // Each file was closed when it was read.
  }
}
