package io.blendnet.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.blendnet.domain.BlenderVersion;
import io.blendnet.domain.CellTimings;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.FrameSize;
import io.blendnet.domain.SceneFacts;
import io.blendnet.domain.Tile;
import io.blendnet.protocol.AttachedAgent;
import io.blendnet.protocol.ReportPage;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkReport.ComposedFile;
import io.blendnet.protocol.WorkReport.DeliveryInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How much of what an agent says is taken in. */
class ReportBoundsTest {
  private static final String ENDLESS = "x".repeat(1 << 20);
  private static final DeliveryInfo FILE = new DeliveryInfo("d", 1, "0".repeat(64));
  private static final CellTimings TIMINGS =
      new CellTimings(Duration.ZERO, Duration.ofSeconds(2), Duration.ZERO, Duration.ZERO);

  @Test
  void longTextsAreCut() throws Exception {
    var page =
        taken(
            new WorkReport.Activity("t", 1, 1, ENDLESS, Optional.empty()),
            new WorkReport.Messages("t", 1, 1, List.of(ENDLESS, "short")),
            new WorkReport.Failed(
                "t", 1, 1, Optional.empty(), FailureKind.SCENE, ENDLESS, List.of(ENDLESS)),
            new WorkReport.Terminating(ENDLESS, Duration.ZERO));

    assertThat(((WorkReport.Activity) page.get(0)).text()).hasSize(1_003).endsWith("...");
    assertThat(((WorkReport.Messages) page.get(1)).lines())
        .satisfiesExactly(
            line -> assertThat(line).hasSize(1_003), line -> assertThat(line).isEqualTo("short"));
    assertThat(((WorkReport.Failed) page.get(2)).message()).hasSize(4_003);
    assertThat(((WorkReport.Failed) page.get(2)).lines().getFirst()).hasSize(1_003);
    assertThat(((WorkReport.Terminating) page.get(3)).reason()).hasSize(4_003);
  }

  @Test
  void nothingForgesALineOfALogOrSpeaksToATerminal() throws Exception {
    var page =
        taken(
            new WorkReport.Messages("t", 1, 1, List.of("a\nERROR forged\u001b[2J")),
            new WorkReport.Terminating("b\r\nWARN forged", Duration.ZERO));

    assertThat(((WorkReport.Messages) page.get(0)).lines()).containsExactly("a ERROR forged [2J");
    assertThat(((WorkReport.Terminating) page.get(1)).reason()).isEqualTo("b  WARN forged");
    assertThat(Reason.of(new ExcessException("c\nINFO forged"))).isEqualTo("c INFO forged");
  }

  @Test
  void linesBeyondTheLimitAndLinesThatAreNoneAreLeftOut() throws Exception {
    List<String> lines = new ArrayList<>(Collections.nCopies(100_000, "line"));
    lines.set(0, null);

    var page = taken(new WorkReport.Messages("t", 1, 1, lines));

    assertThat(((WorkReport.Messages) page.getFirst()).lines())
        .hasSize(ReportBounds.MOST_LINES)
        .doesNotContainNull();
  }

  @Test
  void previewsOfCellsAreNotKept() throws Exception {
    var page = taken(rendered(FILE, TIMINGS, Optional.of(ENDLESS)));

    assertThat(((WorkReport.Rendered) page.getFirst()).preview()).isEmpty();
  }

  @Test
  void anHonestPictureIsTakenAsItIs() throws Exception {
    var composed =
        new WorkReport.Composed(
            "t", 1, 1, List.of(new ComposedFile("out/a 1.png", "image/png", FILE)), List.of("w"));

    assertThat(taken(composed)).containsExactly(composed);
  }

  static List<WorkReport> lies() {
    return List.of(
        new WorkReport.Opened("t", 1, 1, facts(Integer.MAX_VALUE, List.of())),
        new WorkReport.Opened("t", 1, 1, facts(64, List.of(ENDLESS))),
        new WorkReport.Opened("t", 1, 1, facts(64, Collections.nCopies(1_001, "Layer.Pass"))),
        rendered(new DeliveryInfo("d", -1, "0".repeat(64)), TIMINGS, Optional.empty()),
        rendered(new DeliveryInfo(ENDLESS, 1, "0".repeat(64)), TIMINGS, Optional.empty()),
        rendered(new DeliveryInfo("d", 1, ENDLESS), TIMINGS, Optional.empty()),
        rendered(FILE, timings(Duration.ofSeconds(-1)), Optional.empty()),
        rendered(FILE, timings(Duration.ofSeconds(Long.MAX_VALUE)), Optional.empty()),
        composed(Collections.nCopies(1_001, new ComposedFile("a.png", "image/png", FILE))),
        composed(List.of(new ComposedFile("../a.png", "image/png", FILE))),
        composed(List.of(new ComposedFile("a/..\\..\\b.png", "image/png", FILE))),
        composed(List.of(new ComposedFile("a\u0000.png", "image/png", FILE))),
        composed(List.of(new ComposedFile(ENDLESS, "image/png", FILE))),
        composed(List.of(new ComposedFile("a.png", ENDLESS, FILE))),
        composed(Arrays.asList((ComposedFile) null)),
        new WorkReport.Returned("t", 1, 1, Collections.nCopies(100_001, 1)),
        new WorkReport.Returned("t", 1, 1, Arrays.asList((Integer) null)));
  }

  @ParameterizedTest
  @MethodSource("lies")
  void whatIsBeyondEveryBoundFailsTheLeaseAndNoOther(WorkReport lie) throws Exception {
    var honest = new WorkReport.Returned("t", 2, 1, List.of(1));

    List<WorkReport> taken = taken(lie, honest);

    assertThat(taken).hasSize(2).last().isEqualTo(honest);
    assertThat(taken.getFirst())
        .isInstanceOfSatisfying(
            WorkReport.Failed.class,
            failed -> {
              assertThat(failed.lease()).isEqualTo(1);
              assertThat(failed.failure()).isEqualTo(FailureKind.BLENDER);
              assertThat(failed.message()).startsWith("The agent ").hasSizeLessThan(6_000);
            });
  }

  @Test
  void sentencesOfASceneAreCut() throws Exception {
    var told = new WorkReport.Opened("t", 1, 1, factsWith(List.of(ENDLESS, "brief")));

    assertThat(taken(told).getFirst())
        .isInstanceOfSatisfying(
            WorkReport.Opened.class,
            opened -> {
              assertThat(opened.facts().warnings().getFirst())
                  .hasSizeLessThan(ReportBounds.LONGEST_SENTENCE + 10);
              assertThat(opened.facts().warnings().getLast()).isEqualTo("brief");
            });
  }

  @Test
  void aPageWithoutEndIsRefused() {
    WorkReport report = new WorkReport.Returned("t", 1, 1, List.of());
    var page = new ReportPage("b", 1, Collections.nCopies(ReportBounds.MOST_REPORTS + 1, report));

    assertThatExceptionOfType(ExcessException.class)
        .isThrownBy(() -> ReportBounds.within(page))
        .withMessage("sends 2,001 reports at once");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, Integer.MAX_VALUE})
  void aMachineThatThereIsNotIsRefused(int cores) {
    var attached = new AttachedAgent("b", cores, 1L << 30, Optional.empty(), 0, List.of(), false);

    assertThatExceptionOfType(ExcessException.class)
        .isThrownBy(() -> ReportBounds.within(attached))
        .withMessageContaining("it has " + cores + " cores");
  }

  private static List<WorkReport> taken(WorkReport... reports) throws ExcessException {
    return ReportBounds.within(new ReportPage("b", 1, List.of(reports))).reports();
  }

  private static WorkReport rendered(
      DeliveryInfo file, CellTimings timings, Optional<String> preview) {
    return new WorkReport.Rendered("t", 1, 1, 0, new Tile(0, 0, 8, 8), file, timings, preview);
  }

  private static WorkReport composed(List<ComposedFile> files) {
    return new WorkReport.Composed("t", 1, 1, files, List.of());
  }

  private static CellTimings timings(Duration render) {
    return new CellTimings(Duration.ZERO, render, Duration.ZERO, Duration.ZERO);
  }

  private static SceneFacts factsWith(List<String> warnings) {
    return facts(64, List.of(), warnings);
  }

  private static SceneFacts facts(int samples, List<String> passes) {
    return facts(samples, passes, List.of());
  }

  private static SceneFacts facts(int samples, List<String> passes, List<String> warnings) {
    return new SceneFacts(
        "CYCLES",
        BlenderVersion.find("4.2.0").orElseThrow(),
        new FrameSize(8, 8),
        samples,
        false,
        List.of(),
        List.of(),
        false,
        warnings,
        passes,
        ".png");
  }
}
