package io.blendnet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
  @TempDir private Path folder;

  @Test
  void itIsMadeAndLeftEmpty() throws Exception {
    OutputFolder output = OutputFolder.prepare(folder.resolve("a/b c/ä"));

    assertThat(output.path()).isEmptyDirectory();
    assertThat(output.picture("x0001.png")).isEqualTo(folder.resolve("a/b c/ä/x0001.png"));
  }

  @Test
  void layersNeverTakeThePicturesPlace() throws Exception {
    OutputFolder output = OutputFolder.prepare(folder);

    assertThat(output.layers("x0001.png")).isEqualTo(folder.resolve("x0001.exr"));
    assertThat(output.layers("x0001.exr")).isEqualTo(folder.resolve("x0001-layers.exr"));
    assertThat(output.layers("0001")).isEqualTo(folder.resolve("0001.exr"));
  }

  @Test
  void aFileInItsPlaceIsNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertThatExceptionOfType(CommandException.class)
        .isThrownBy(() -> OutputFolder.prepare(file.resolve("pictures")))
        .withMessageContaining(file.toString())
        .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.ENVIRONMENT));
  }
}
