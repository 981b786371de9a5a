package io.blendnet.manager;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.blendnet.domain.FrameSize;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.WorkReport.ComposedFile;
import io.blendnet.protocol.WorkReport.DeliveryInfo;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much of the disk a result may take. */
class ResultRoomTest {
  private static final long GIGABYTE = 1L << 30;
  private static final FrameSize HD = new FrameSize(1_920, 1_080);

  private final ResultRoom room = new ResultRoom(() -> 10 * GIGABYTE);

  @Test
  void aCellMayHaveWhatItsPixelsHaveUncompressed() {
    Tile tile = new Tile(0, 0, 256, 256);

    assertThatCode(() -> ResultRoom.checkCell(tile, ResultRoom.most(tile)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 2 * GIGABYTE, Long.MAX_VALUE})
  void aCellThatIsLargerThanItsPixelsIsRefused(long size) {
    assertThatExceptionOfType(ExcessException.class)
        .isThrownBy(() -> ResultRoom.checkCell(new Tile(0, 0, 256, 256), size))
        .withMessageContaining("256 x 256 pixels");
  }

  @Test
  void aPictureMayTakeHalfOfTheFreeDiskWithAllOfItsFiles() {
    assertThatCode(() -> room.checkPicture(files(5, GIGABYTE))).doesNotThrowAnyException();
    assertThatExceptionOfType(ExcessException.class)
        .isThrownBy(() -> room.checkPicture(files(6, GIGABYTE)))
        .withMessageContaining("6 files")
        .withMessageContaining("half of the Manager's free disk");
  }

  @Test
  void sizesThatOverflowTheirSumAreRefused() {
    assertThatExceptionOfType(ExcessException.class)
        .isThrownBy(() -> room.checkPicture(files(3, Long.MAX_VALUE)));
  }

  @Test
  void anOrdinaryPictureOnAFullDiskIsNobodysLie() {
    var full = new ResultRoom(() -> 0);

    assertThatCode(() -> full.checkPicture(files(1, 100 << 20))).doesNotThrowAnyException();
    assertThatCode(() -> full.checkFrame(HD, 80)).doesNotThrowAnyException();
  }

  @Test
  void aSmallFileOfVeryManyChannelsDoesNotFillTheDisk() {
    assertThatCode(() -> room.checkFrame(HD, 600)).doesNotThrowAnyException();
    assertThatExceptionOfType(ExcessException.class)
        .isThrownBy(() -> room.checkFrame(HD, 700))
        .withMessageContaining("700 channels");
    assertThatExceptionOfType(ExcessException.class)
        .isThrownBy(() -> room.checkFrame(new FrameSize(8, 8), 5_000));
  }

  private static List<ComposedFile> files(int count, long size) {
    var file = new ComposedFile("a.exr", "image/x-exr", new DeliveryInfo("d", size, "0"));
    return Collections.nCopies(count, file);
  }
}
