package io.blendnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.TaskState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProgressTextTest {
  private static final Progress HALF_WAY =
      new Progress(
          Duration.ofSeconds(42),
          List.of(
              new Progress.Frame(
                  7,
                  TaskState.RUNNING,
                  0.5,
                  10,
                  20,
                  Optional.of(Duration.ofSeconds(40)),
                  "Rendering",
                  "tiles")),
          List.of(
              new Progress.Agent("agent-2", "sends 1 delivery", 0.125, 1),
              new Progress.Agent("agent-1", "renders tile 64,0", 0.375, 9)));

  private final ProgressText text = new ProgressText(false);

  @Test
  void aFrameIsShownWithItsCellsTimeAndAgents() {
    assertThat(text.block(HALF_WAY, 100, 24))
        .containsExactly(
            "██████████████░░░░░░░░░░░░░░  50 %  10 of 20 cells  about 0:40 left  0:42 so far",
            "  frame 7  Rendering (tiles)",
            "  agent-1 ██████░░░░░░░░░░  37 %  9 cells  renders tile 64,0",
            "  agent-2 ██░░░░░░░░░░░░░░  12 %  1 cell  sends 1 delivery");
  }

  @Test
  void noLineIsWiderAndNoBlockHigherThanTheTerminal() {
    assertThat(new ProgressText(true).block(HALF_WAY, 30, 2))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line.replaceAll("\u001b\\[\\d+m", "")).hasSizeLessThan(31));
  }

  @Test
  void withoutColoursThereIsNoEscapeSequence() {
    assertThat(text.block(HALF_WAY, 100, 24)).noneMatch(line -> line.contains("\u001b"));
    assertThat(new ProgressText(true).block(HALF_WAY, 100, 24))
        .anyMatch(line -> line.contains("\u001b[32m"));
  }

  @Test
  void wideLettersAreCutAtTheirWidth() {
    assertThat(Colour.cut("日本語", 5)).isEqualTo("日本");
    assertThat(Colour.cut("cafe\u0301s", 5)).isEqualTo("cafe\u0301s");
  }

  @Test
  void manyFramesAreCountedAndThoseInProgressShown() {
    List<Progress.Frame> frames =
        IntStream.rangeClosed(1, 100)
            .mapToObj(number ->
                new Progress.Frame(
                    number,
                    number <= 50
                        ? TaskState.COMPLETED
                        : number == 51 ? TaskState.RUNNING : TaskState.PENDING,
                    number <= 50 ? 1 : 0,
                    number <= 50 ? 4 : 0,
                    4,
                    Optional.empty(),
                    "",
                    "tiles"))
            .toList();

    Progress progress = new Progress(Duration.ofSeconds(100), frames, List.of());

    assertThat(text.block(progress, 100, 24))
        .containsExactly(
            "██████████████░░░░░░░░░░░░░░  50 %  200 of 400 cells  about 1:40 left  1:40 so far",
            "  frame 51     ░░░░░░░░░░░░░░░░   0 %  is rendering (tiles)",
            "  50 of 100 frames done");
    assertThat(text.line(progress))
        .isEqualTo("1:40  50 % done  200 of 400 cells, 50 of 100 frames done, about 1:40 left");
  }

  @Test
  void oneLineSaysAllForALog() {
    assertThat(text.line(HALF_WAY))
        .isEqualTo(
            "0:42  50 % done  10 of 20 cells, frame 7 Rendering (tiles), about 0:40 left"
                + "  (agent-1 37 %, renders tile 64,0; agent-2 12 %, sends 1 delivery)");
  }

  @Test
  void aHundredPerCentIsSaidOfFinishedWorkAlone() {
    assertThat(ProgressText.percent(0.9999)).isEqualTo(" 99 %");
    assertThat(ProgressText.percent(1)).isEqualTo("100 %");
  }

  @Test
  void timesAreReadAsOnAClock() {
    assertThat(ProgressText.time(Duration.ofSeconds(7))).isEqualTo("0:07");
    assertThat(ProgressText.time(Duration.ofSeconds(750))).isEqualTo("12:30");
    assertThat(ProgressText.time(Duration.ofSeconds(3723))).isEqualTo("1:02:03");
  }
}
