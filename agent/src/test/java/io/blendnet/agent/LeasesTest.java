package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.BlenderVersion;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.FrameSize;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.SceneFacts;
import io.blendnet.domain.Tile;
import io.blendnet.exr.Compression;
import io.blendnet.exr.ExrChannel;
import io.blendnet.exr.ExrReader;
import io.blendnet.exr.FrameAssembly;
import io.blendnet.protocol.BlobsMissing;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.FileChangedException;
import io.blendnet.protocol.MissingBlob;
import io.blendnet.protocol.OfferedFile;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkStep;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases over real HTTPS, rendered by the real Blender. */
class LeasesTest {
  private static final FrameSize FRAME = new FrameSize(TestingScene.WIDTH, TestingScene.HEIGHT);
  private static final SampleRange ALL = new SampleRange(0, TestingScene.SAMPLES);
  private static final Optional<Integer> OWN_SAMPLES = Optional.empty();

  /** Enough to keep two cores busy for minutes. */
  private static final int ENDLESS = 2_000_000;

  @TempDir Path folder;
  private final TestingScene scene = TestingScene.make();
  private TestingAgent agent;

  @BeforeEach
  void startAgent() throws Exception {
    agent = TestingAgent.start(folder);
  }

  @AfterEach
  void stopAgent() {
    agent.close();
  }

  @Test
  void theCellsOfAFrameTogetherAreBitForBitTheFrameInOneCell() throws Exception {
    SceneOrder order = agent.upload(scene, OWN_SAMPLES);
    List<Cell> cells =
        FRAME.whole().halves().stream()
            .flatMap(half -> half.halves().stream())
            .map(tile -> new Cell(tile, ALL))
            .toList();
    WorkStep[] steps =
        Stream.concat(
                Stream.of(new WorkStep.Open()),
                Stream.iterate(0, number -> number < cells.size(), number -> number + 1)
                    .map(number -> TestingAgent.render(number, cells.get(number))))
            .toArray(WorkStep[]::new);
    agent.lease(1, order, steps);
    agent.lease(2, order, TestingAgent.render(0, new Cell(FRAME.whole(), ALL)));

    try (FrameAssembly frame = FrameAssembly.create(folder.resolve("scratch"), FRAME, List.of())) {
      for (int number = 0; number < cells.size(); number++) {
        WorkReport.Rendered rendered = agent.awaitCell(1, number);
        assertThat(rendered.rendered()).isEqualTo(cells.get(number).tile());
        Path file = agent.fetch(rendered.delivery(), folder.resolve(number + ".exr"));
        agent.client().deleteDelivery(rendered.delivery().id());
        frame.add(cells.get(number), rendered.rendered(), file);
      }
      frame.write(folder.resolve("assembled.exr"), Compression.NONE);
    }
    WorkReport.Rendered whole = agent.awaitCell(2, 0);
    Path inOne = agent.fetch(whole.delivery(), folder.resolve("whole.exr"));

    assertSamePixels(folder.resolve("assembled.exr"), inOne);
    assertThat(whole.timings().render()).isPositive();
    SceneFacts facts = agent.awaitReport(WorkReport.Opened.class, _ -> true).facts();
    assertThat(facts.size()).isEqualTo(FRAME);
    assertThat(facts.samples()).isEqualTo(TestingScene.SAMPLES);
    assertThat(facts.blender()).isEqualTo(TestingScene.blender().version());
    BufferedImage preview =
        ImageIO.read(
            new ByteArrayInputStream(Base64.getDecoder().decode(whole.preview().orElseThrow())));
    assertThat(preview.getWidth()).isEqualTo(TestingScene.WIDTH);
    int middle = preview.getRGB(TestingScene.WIDTH / 2, TestingScene.HEIGHT / 2);
    assertThat(middle >> 8 & 0xff).as("green of the texture").isGreaterThan(150);
    assertThat(middle >> 16 & 0xff).as("red, as of a missing texture").isLessThan(50);
  }

  @Test
  void aCellIsRenderedWithItsOverscan() throws Exception {
    SceneOrder order = agent.upload(scene, OWN_SAMPLES);
    Tile tile = new Tile(32, 0, 32, 18);
    agent.lease(1, order, new WorkStep.Render(7, new Cell(tile, ALL), 4, false));

    assertThat(agent.awaitCell(1, 7).rendered()).isEqualTo(new Tile(28, 0, 36, 22));
  }

  @Test
  void theAssembledFrameIsComposedToThePictureThatTheSceneAsksFor() throws Exception {
    SceneOrder order = agent.upload(scene, OWN_SAMPLES);
    Cell whole = new Cell(FRAME.whole(), ALL);
    agent.lease(1, order, TestingAgent.render(0, whole));
    WorkReport.Rendered rendered = agent.awaitCell(1, 0);
    Path cell = agent.fetch(rendered.delivery(), folder.resolve("cell.exr"));
    try (FrameAssembly frame = FrameAssembly.create(folder.resolve("scratch"), FRAME, List.of())) {
      frame.add(whole, rendered.rendered(), cell);
      frame.write(folder.resolve("frame.exr"), Compression.ZIP);
    }
    String blob = agent.upload(folder.resolve("frame.exr"));

    agent.lease(2, order, new WorkStep.Compose(blob));

    WorkReport.Composed composed =
        agent.awaitReport(WorkReport.Composed.class, report -> report.lease() == 2);
    assertThat(composed.files()).hasSize(1);
    WorkReport.ComposedFile picture = composed.files().getFirst();
    assertThat(picture.contentType()).isEqualTo("image/png");
    assertThat(picture.path()).endsWith(".png").doesNotContain("/");
    Path file = agent.fetch(picture.delivery(), folder.resolve("picture.png"));
    assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(TestingScene.WIDTH);
  }

  @Test
  void aLeaseThatIsSentAgainIsRenderedOnceAndInOtherWordsIsRefused() throws Exception {
    SceneOrder order = agent.upload(scene, OWN_SAMPLES);
    WorkStep step = TestingAgent.render(0, new Cell(FRAME.whole(), ALL));
    agent.lease(1, order, step);
    agent.lease(1, order, step);
    agent.awaitCell(1, 0);
    agent.lease(1, order, step);
    agent.lease(2, order, step);
    agent.awaitCell(2, 0);

    assertThat(agent.reports().stream().filter(WorkReport.Rendered.class::isInstance)).hasSize(2);
    assertRefused(ErrorCode.CONFLICT, () -> agent.lease(1, order, new WorkStep.Open(), step));
    assertRefused(ErrorCode.INVALID_FIELD, () -> agent.lease(3, order, step, step));
  }

  @Test
  void aLeaseWithoutItsBlobsIsRefusedAndNamesThem() throws Exception {
    SceneOrder order = agent.upload(scene, OWN_SAMPLES);
    Map<String, String> files = new HashMap<>(order.files());
    String unknown = "ab".repeat(32);
    files.put("project/more.png", unknown);
    SceneOrder lacking =
        new SceneOrder(
            order.project(),
            order.projectPath(),
            order.workingPath(),
            files,
            order.samples(),
            order.seed(),
            true,
            false);

    assertThatThrownBy(() -> agent.lease(1, lacking, new WorkStep.Open()))
        .isInstanceOfSatisfying(
            FarmException.Refused.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(409);
              assertThat(refused.data(BlobsMissing.class))
                  .contains(new BlobsMissing(List.of(new MissingBlob(unknown, 0))));
            });
  }

  @Test
  void aBlobWhoseBytesHaveAnotherSumIsRefusedAndNotKept() throws Exception {
    Path file = Files.write(folder.resolve("file"), new byte[2_000_000]);
    var other = new BlobId("ab".repeat(32));
    List<OfferedFile> wrong = List.of(new OfferedFile(file, other, 2_000_000));

    // Were it kept, it would not be asked for again.
    for (int time = 0; time < 2; time++) {
      assertThatThrownBy(() -> agent.client().sendFiles(wrong, TransferProgress.NONE))
          .isInstanceOf(FileChangedException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void pathsThatLeadOutOfTheWorkspaceAreRefused() throws Exception {
    String blob = agent.upload(scene.blend());
    for (String path : List.of("project/../../evil.blend", "/etc/passwd", "project", "other/a")) {
      SceneOrder evil =
          new SceneOrder(
              path,
              Optional.empty(),
              Optional.empty(),
              Map.of(path, blob),
              OWN_SAMPLES,
              Optional.empty(),
              true,
              false);
      assertRefused(ErrorCode.INVALID_FIELD, () -> agent.lease(1, evil, new WorkStep.Open()));
    }
  }

  @Test
  void aCancelledLeaseIsHeardOfNoMoreAndHoldsNobodyUp() throws Exception {
    SceneOrder endless = agent.upload(scene, Optional.of(ENDLESS));
    SceneOrder brief = agent.upload(scene, OWN_SAMPLES);
    agent.lease(
        1,
        endless,
        TestingAgent.render(0, new Cell(FRAME.whole(), new SampleRange(0, 1))),
        TestingAgent.render(1, new Cell(FRAME.whole(), new SampleRange(1, ENDLESS))));
    agent.lease(2, endless, TestingAgent.render(0, new Cell(FRAME.whole(), ALL)));
    agent.lease(3, brief, TestingAgent.render(0, new Cell(FRAME.whole(), ALL)));
    WorkReport.Rendered first = agent.awaitCell(1, 0);
    agent.awaitRendering(1, 1);

    agent.client().cancelLease(new LeaseId(2), 1);
    agent.client().cancelLease(new LeaseId(1), 1);

    agent.awaitCell(3, 0);
    assertThat(agent.reports().stream().filter(WorkReport.Rendered.class::isInstance)).hasSize(2);
    assertThat(agent.reports().stream().filter(WorkReport.Failed.class::isInstance)).isEmpty();
    assertRefused(
        ErrorCode.DELIVERY_NOT_FOUND,
        () -> agent.fetch(first.delivery(), folder.resolve("dropped.exr")));
  }

  @Test
  void aCancelledCellIsEndedWhenNobodyWaitsToo() throws Exception {
    SceneOrder endless = agent.upload(scene, Optional.of(ENDLESS));
    Cell cell = new Cell(FRAME.whole(), new SampleRange(0, ENDLESS));
    agent.lease(1, endless, TestingAgent.render(0, cell));
    agent.awaitRendering(1, 0);
    agent.client().cancelLease(new LeaseId(1), 1);

    agent.lease(2, endless, TestingAgent.render(0, new Cell(FRAME.whole(), ALL)));

    agent.awaitCell(2, 0);
  }

  @Test
  void anotherAttemptsCancellationChangesNothing() throws Exception {
    SceneOrder order = agent.upload(scene, OWN_SAMPLES);
    agent.lease(
        1, order, new WorkStep.Open(), TestingAgent.render(0, new Cell(FRAME.whole(), ALL)));
    agent.client().cancelLease(new LeaseId(1), 2);

    agent.awaitCell(1, 0);
  }

  @Test
  void afterBlenderWasKilledTheLeaseFailsAndTheNextOneIsRendered() throws Exception {
    SceneOrder endless = agent.upload(scene, Optional.of(ENDLESS));
    agent.lease(
        1,
        endless,
        TestingAgent.render(0, new Cell(FRAME.whole(), new SampleRange(0, 1))),
        TestingAgent.render(1, new Cell(FRAME.whole(), new SampleRange(1, ENDLESS))));
    agent.awaitRendering(1, 1);

    assertThat(TestingAgent.blenders()).isNotEmpty().allMatch(ProcessHandle::destroyForcibly);

    WorkReport.Failed failed = agent.awaitFailure(1);
    assertThat(failed.failure()).isIn(FailureKind.BLENDER, FailureKind.MEMORY);
    assertThat(failed.cell()).contains(1);
    assertThat(failed.message()).contains("was killed while rendering");
    assertThat(failed.lines()).isNotEmpty();
    assertThat(agent.reports().stream().filter(WorkReport.Rendered.class::isInstance))
        .as("the cell before is delivered")
        .hasSize(1);
    agent.lease(2, endless, TestingAgent.render(0, new Cell(FRAME.whole(), ALL)));
    agent.awaitCell(2, 0);
  }

  @Test
  void aFileThatIsNoBlendFailsAsTheScenesFault() throws Exception {
    Path text = Files.writeString(folder.resolve("text.blend"), "This is no scene");
    SceneOrder order =
        new SceneOrder(
            "project/text.blend",
            Optional.empty(),
            Optional.empty(),
            Map.of("project/text.blend", agent.upload(text)),
            OWN_SAMPLES,
            Optional.empty(),
            true,
            false);
    agent.lease(1, order, new WorkStep.Open());

    WorkReport.Failed failed = agent.awaitFailure(1);
    assertThat(failed.failure()).isEqualTo(FailureKind.SCENE);
    assertThat(failed.cell()).isEmpty();
    assertThat(failed.message()).isNotBlank();
  }

  @Test
  void theAgentSaysWhoItIsAndWhatItDoes() throws Exception {
    assertThat(agent.client().info().engine()).isEqualTo("Agent");
    assertThat(agent.client().info().blender().orElseThrow().version())
        .isInstanceOf(BlenderVersion.class)
        .isEqualTo(TestingScene.blender().version());
    assertThat(agent.client().status().running()).isEmpty();

    SceneOrder endless = agent.upload(scene, Optional.of(ENDLESS));
    Cell cell = new Cell(FRAME.whole(), new SampleRange(0, ENDLESS));
    agent.lease(1, endless, TestingAgent.render(0, cell));
    assertThat(agent.client().status().running()).containsExactly("a task");
  }

  @Test
  void anAgentThatEndsLeavesNoBlenderAndAnotherOneSweepsWhatItLeft() throws Exception {
    SceneOrder order = agent.upload(scene, OWN_SAMPLES);
    agent.lease(1, order, TestingAgent.render(0, new Cell(FRAME.whole(), ALL)));
    agent.awaitCell(1, 0);
    String boot = agent.boot();
    agent.close();

    assertThat(TestingAgent.blenders()).isEmpty();
    Path data = agent.data();
    Files.createDirectories(data.resolve("blenders/left/workspace/project"));
    Files.writeString(data.resolve("tasks/left"), "over");
    agent = TestingAgent.start(folder);
    for (String swept : List.of("deliveries", "tasks")) {
      try (Stream<Path> left = Files.list(data.resolve(swept))) {
        assertThat(left).as(swept).isEmpty();
      }
    }
    assertThat(data.resolve("blenders/left")).doesNotExist();
    agent.readOn(Duration.ZERO);
    assertThat(agent.boot()).isNotEqualTo(boot);
    List<OfferedFile> files =
        List.of(OfferedFile.read(scene.blend()), OfferedFile.read(scene.texture()));
    assertThat(agent.client().sendFiles(files, TransferProgress.NONE).files())
        .as("blobs are kept")
        .isZero();
  }

  private static void assertSamePixels(Path one, Path other) throws IOException {
    try (ExrReader first = ExrReader.open(one);
        ExrReader second = ExrReader.open(other)) {
      List<String> channels = first.header().channels().stream().map(ExrChannel::name).toList();
      assertThat(channels).isNotEmpty();
      List<String> others = second.header().channels().stream().map(ExrChannel::name).toList();
      assertThat(others).containsAll(channels);
      for (String channel : channels) {
        assertThat(first.plane(channel)).as(channel).isEqualTo(second.plane(channel));
      }
    }
  }

  private static void assertRefused(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FarmException.Refused.class, refused -> assertThat(refused.code()).contains(code));
  }
}
