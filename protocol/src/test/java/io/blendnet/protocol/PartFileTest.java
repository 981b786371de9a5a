package io.blendnet.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that arrives in ranges, over several runs of a program. */
class PartFileTest {
  private static final int SIZE = 40_000_000;

  @TempDir private Path folder;

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static PartFile.Content content(byte[] bytes) {
    var digest = FileChecksum.SHA_256.start();
    return new PartFile.Content(
        "\"mark\"",
        bytes.length,
        FileChecksum.SHA_256,
        HexFormat.of().formatHex(digest.digest(bytes)));
  }

  private static void write(PartFile file, PartFile.Gap gap, byte[] whole, long most)
      throws IOException {
    long end = Math.min(gap.end(), gap.next() + most);
    while (gap.next() < end) {
      int count = (int) Math.min(100_000, end - gap.next());
      file.write(gap, ByteBuffer.wrap(whole, (int) gap.next(), count));
    }
  }

  @Test
  void rangesThatComeInAnyOrderMakeTheFile() throws Exception {
    byte[] bytes = random(SIZE);
    Path target = folder.resolve("frame.exr");
    Files.writeString(target, "an older one");
    try (PartFile file = PartFile.open(target)) {
      file.begin(content(bytes));
      List<PartFile.Gap> gaps = file.gaps(4);
      assertThat(gaps).hasSize(4);
      for (PartFile.Gap gap : gaps.reversed()) {
        assertThat(target).hasContent("an older one");
        write(file, gap, bytes, SIZE);
      }
      assertThat(file.gaps(4)).isEmpty();
      assertThat(file.finish()).isTrue();
    }

    assertThat(target).hasBinaryContent(bytes);
    assertThat(folder).isDirectoryNotContaining("glob:**.part");
  }

  @Test
  void anotherRunGoesOnWhereTheFirstWasClosed() throws Exception {
    byte[] bytes = random(SIZE);
    Path target = folder.resolve("frame.exr");
    try (PartFile file = PartFile.open(target)) {
      file.begin(content(bytes));
      for (PartFile.Gap gap : file.gaps(4)) {
        write(file, gap, bytes, 1_000_000);
      }
    }
    assertThat(target).doesNotExist();

    try (PartFile file = PartFile.open(target)) {
      assertThat(file.content()).contains(content(bytes));
      assertThat(file.present()).isEqualTo(4_000_000);
      for (PartFile.Gap gap : file.gaps(4)) {
        write(file, gap, bytes, SIZE);
      }
      assertThat(file.finish()).isTrue();
    }
    assertThat(target).hasBinaryContent(bytes);
  }

  /** As kill -9 leaves it: what the system was given is there, but nobody has closed anything. */
  @Test
  void whatAKillLeftIsGoneOnWithFromTheLastNote() throws Exception {
    byte[] bytes = random(SIZE);
    Path target = folder.resolve("frame.exr");
    Path part = folder.resolve("frame.exr.part");
    byte[] left;
    try (PartFile file = PartFile.open(target)) {
      file.begin(content(bytes));
      write(file, file.gaps(1).getFirst(), bytes, 20_000_000);
      left = Files.readAllBytes(part);
    }
    Files.write(part, left);

    try (PartFile file = PartFile.open(target)) {
      assertThat(file.present()).isBetween(10_000_000L, 20_000_000L);
      for (PartFile.Gap gap : file.gaps(4)) {
        write(file, gap, bytes, SIZE);
      }
      assertThat(file.finish()).isTrue();
    }
    assertThat(target).hasBinaryContent(bytes);
  }

  @Test
  void aNoteThatIsDamagedOrNoneIsNotBelieved() throws Exception {
    byte[] bytes = random(SIZE);
    Path target = folder.resolve("frame.exr");
    Path part = folder.resolve("frame.exr.part");
    try (PartFile file = PartFile.open(target)) {
      file.begin(content(bytes));
      write(file, file.gaps(1).getFirst(), bytes, 20_000_000);
    }
    byte[] left = Files.readAllBytes(part);
    left[SIZE + 3] ^= 1;
    Files.write(part, left);

    try (PartFile file = PartFile.open(target)) {
      assertThat(file.content()).isEmpty();
    }
    Files.write(part, Arrays.copyOf(bytes, 5_000));
    try (PartFile file = PartFile.open(target)) {
      assertThat(file.content()).isEmpty();
    }
  }

  @Test
  void whatProvesToBeAnotherContentIsRemoved() throws Exception {
    byte[] bytes = random(SIZE);
    byte[] other = bytes.clone();
    other[SIZE / 2] ^= 1;
    Path target = folder.resolve("frame.exr");
    Files.writeString(target, "an older one");
    try (PartFile file = PartFile.open(target)) {
      file.begin(content(bytes));
      for (PartFile.Gap gap : file.gaps(4)) {
        write(file, gap, other, SIZE);
      }
      assertThat(file.finish()).isFalse();
    }

    assertThat(target).hasContent("an older one");
    assertThat(folder.resolve("frame.exr.part")).doesNotExist();
  }

  @Test
  void whatNeverCameLeavesNothing() throws Exception {
    try (PartFile file = PartFile.open(folder.resolve("frame.exr"))) {
      assertThat(file.content()).isEqualTo(Optional.empty());
    }

    assertThat(folder).isEmptyDirectory();
  }
}
