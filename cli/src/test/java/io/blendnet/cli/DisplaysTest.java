package io.blendnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.TaskState;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DisplaysTest {
  private static final String HIDE = "\u001b[?25l";
  private static final String SHOW = "\u001b[?25h";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final StringBuilder terminal = new StringBuilder();

  @Test
  void aLiveBlockIsDrawnOverItselfAndSentencesStayAboveIt() {
    var display =
        new LiveDisplay(
            terminal::append, () -> new LiveDisplay.Size(80, 24), new ProgressText(false));

    display.show(progress(0.25));
    display.say("A warning");
    display.show(progress(0.5));
    display.close();

    List<String> block = new ProgressText(false).block(progress(0.25), 80, 23);
    String first = String.join("\u001b[K\n", block) + "\u001b[K\n";
    String second =
        String.join("\u001b[K\n", new ProgressText(false).block(progress(0.5), 80, 23))
            + "\u001b[K\n";
    String up = "\u001b[" + block.size() + "A\r";
    assertThat(terminal)
        .hasToString(
            HIDE
                + first
                + "\u001b[0J"
                + up
                + "\u001b[0JA warning\n"
                + first
                + HIDE
                + up
                + second
                + "\u001b[0J"
                + SHOW);
  }

  @Test
  void aClosedDisplayDrawsNothingMore() {
    var display =
        new LiveDisplay(
            terminal::append, () -> new LiveDisplay.Size(80, 24), new ProgressText(false));
    display.close();
    display.close();

    display.show(progress(0.5));

    assertThat(terminal).hasToString(SHOW);
  }

  @Test
  void plainLinesComeEveryFewSeconds() {
    var now = new AtomicReference<>(Instant.EPOCH);
    var display = new LineDisplay(out, now::get);

    display.show(progress(0.1));
    now.set(Instant.EPOCH.plusSeconds(4));
    display.show(progress(0.2));
    now.set(Instant.EPOCH.plusSeconds(5));
    display.show(progress(0.3));

    assertThat(text().lines()).hasSize(2).first().asString().contains("10 % done");
    assertThat(text()).contains("30 % done").doesNotContain("20 % done");
  }

  @Test
  void eventsAreOneObjectALineAndSayNothingTwice() {
    var display = new JsonDisplay(out);

    display.say("Ein \"Wort\"\nund noch eines");
    display.show(progress(0.5));
    display.show(progress(0.5));

    List<JsonNode> events = text().lines().map(JsonMapper.shared()::readTree).toList();
    assertThat(events).hasSize(2);
    assertThat(events.getFirst().path("event").asString()).isEqualTo("note");
    assertThat(events.getFirst().path("text").asString()).isEqualTo("Ein \"Wort\"\nund noch eines");
    JsonNode progress = events.getLast();
    assertThat(progress.path("event").asString()).isEqualTo("progress");
    assertThat(progress.path("done").asDouble()).isEqualTo(0.5);
    assertThat(progress.path("cells_done").asInt()).isEqualTo(10);
    assertThat(progress.path("frames").path(0).path("frame").asInt()).isEqualTo(7);
    assertThat(progress.path("frames").path(0).path("state").asString()).isEqualTo("RUNNING");
    assertThat(progress.path("agents").path(0).path("name").asString()).isEqualTo("agent-1");
  }

  @Test
  void programsAreToldOfAFrameWhenItIsSaved() {
    var display = new JsonDisplay(out);

    display.tell(
        new FrameResult.Saved(
            7,
            Path.of("/out/a b.png"),
            Optional.of(Path.of("/out/a b.exr")),
            Duration.ofMillis(1_500),
            List.of("a note")));
    display.tell(new FrameResult.Failed(8, "no camera"));

    assertThat(text())
        .isEqualTo(
            """
            {"event":"frame","frame":7,"picture":"/out/a b.png","layers":"/out/a b.exr","seconds":1.5,"warnings":["a note"]}
            {"event":"frame","frame":8,"error":"no camera"}
            """);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void filesOnTheirWayAreShownInBytes() {
    var sending = new Sending(Duration.ofSeconds(75), 1_234_000_000, 4_000_000_000L);
    var live =
        new LiveDisplay(
            terminal::append, () -> new LiveDisplay.Size(80, 24), new ProgressText(false));
    var json = new JsonDisplay(out);

    live.show(sending);
    json.show(sending);
    json.show(sending);

    assertThat(terminal.toString()).contains(" 30 %  1.2 of 4.0 GB sent  1:15 so far");
    assertThat(new ProgressText(false).line(sending))
        .isEqualTo("1:15  1.2 of 4.0 GB of the files sent");
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .as("no news, no event")
        .isEqualTo(
            """
            {"event":"sending","elapsed":75.0,"bytes_there":1234000000,"bytes_total":4000000000}
            """);
  }

  private static Progress progress(double done) {
    return new Progress(
        Duration.ofSeconds(10),
        List.of(
            new Progress.Frame(
                7,
                TaskState.RUNNING,
                done,
                Math.round(20 * done),
                20,
                Optional.empty(),
                "Rendering",
                "tiles")),
        List.of(new Progress.Agent("agent-1", "Sampling", done, 1)));
  }
}
