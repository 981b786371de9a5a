package io.blendnet.blender;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutputLinesTest {
  @Test
  void linesEndWithEitherEndAndTheLastNeedsNone() throws IOException {
    assertThat(lines("a\nb\rä\n\nlast")).containsExactly("a", "b", "ä", "", "last");
  }

  @Test
  void chatterIsCutAndAnswersAreNot() throws IOException {
    String chatter = "x".repeat(1 << 20);
    String answer = OutputLines.MARKER + "{\"a\":\"" + "y".repeat(1 << 20) + "\"}";

    assertThat(lines(chatter + "\n" + answer + "\nend"))
        .satisfiesExactly(
            cut -> assertThat(cut).hasSize(8 << 10),
            whole -> assertThat(whole).isEqualTo(answer),
            end -> assertThat(end).isEqualTo("end"));
  }

  private static List<String> lines(String text) throws IOException {
    OutputLines reader =
        new OutputLines(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    List<String> lines = new ArrayList<>();
    Optional<String> line = reader.next();
    while (line.isPresent()) {
      lines.add(line.get());
      line = reader.next();
    }
    return lines;
  }
}
