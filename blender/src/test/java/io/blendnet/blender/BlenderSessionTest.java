package io.blendnet.blender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.blendnet.blender.BlenderLine.Sampling;
import io.blendnet.domain.BlenderVersion;
import io.blendnet.domain.Cell;
import io.blendnet.domain.FrameSize;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.SceneFacts;
import io.blendnet.domain.Tile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With the real Blender. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BlenderSessionTest {
  private static final Cell WHOLE = new Cell(new Tile(0, 0, 64, 36), new SampleRange(0, 4));

  @TempDir static Path scenes;
  private static Path cube;

  @TempDir Path folder;
  private final List<BlenderLine> output = new CopyOnWriteArrayList<>();
  private final List<BlenderSession> sessions = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void makeScene() {
    cube = TestingBlender.cube(scenes.resolve("cube.blend"));
  }

  @AfterEach
  void leaveNothing() {
    for (BlenderSession session : sessions) {
      session.close();
      assertThat(session.process().isAlive()).isFalse();
    }
    assertThat(folder.resolve("session")).doesNotExist();
  }

  @Test
  void aWarmSessionOpensASceneAndRendersItsTiles() throws Exception {
    BlenderSession session = start();
    assertThat(session.isAlive()).isTrue();
    assertThat(session.installation().version().isAtLeast(3, 0)).isTrue();

    SceneFacts facts = session.open(TestingBlender.request(cube));

    assertThat(facts.engine()).isEqualTo("CYCLES");
    assertThat(facts.blender()).isEqualTo(session.installation().version());
    assertThat(facts.size()).isEqualTo(new FrameSize(64, 36));
    assertThat(facts.samples()).isEqualTo(4);
    assertThat(facts.adaptive()).isFalse();
    assertThat(facts.fileExtension()).isEqualTo(".png");

    Cell left = new Cell(new Tile(0, 0, 32, 36), new SampleRange(0, 4));
    Cell right = new Cell(new Tile(32, 0, 32, 36), new SampleRange(0, 2));
    CellRequest first = new CellRequest(1, left, 4, 4, false, folder.resolve("left.exr"));
    CellRequest second = new CellRequest(1, right, 4, 4, false, folder.resolve("right.exr"));
    RenderedCell one = session.render(first);
    RenderedCell two = session.render(second);

    assertThat(one.rendered()).isEqualTo(new Tile(0, 0, 36, 36));
    assertThat(two.rendered()).isEqualTo(new Tile(28, 0, 36, 36));
    assertThat(first.partial()).isNotEmptyFile().hasFileName("left.exr.part");
    assertThat(second.partial()).isNotEmptyFile();
    assertThat(folder.resolve("left.exr")).doesNotExist();
    assertThat(one.render().plus(one.sync()).plus(one.save())).isPositive();
    assertThat(output)
        .filteredOn(Sampling.class::isInstance)
        .map(line -> ((Sampling) line).samples())
        .contains(4, 2);
    assertThat(output).noneMatch(line -> line.text().contains(OutputLines.MARKER));
  }

  @Test
  void aSceneThatIsOpenInPlaceNamesItsFilesAndMakesAPicture() throws Exception {
    BlenderSession session = start();
    session.openInPlace(TestingBlender.request(cube));

    SceneFiles files = session.files(List.of(1, 7));

    assertThat(files.files()).extracting(SceneFile::path).contains(cube.toString());
    assertThat(files.files()).allMatch(SceneFile::exists);
    assertThat(files.scripts()).isEmpty();

    CellRequest cell = new CellRequest(7, WHOLE, 0, 4, false, folder.resolve("frame.exr"));
    session.render(cell);
    Path pictures = Files.createDirectory(folder.resolve("pictures"));
    ComposedPicture picture = session.compose(new ComposeRequest(7, cell.partial(), pictures));

    ComposedFileOnDisk first = picture.files().getFirst();
    assertThat(first.contentType()).isEqualTo("image/png");
    assertThat(first.path()).startsWith(pictures).isNotEmptyFile();
    assertThat(first.path().getFileName()).asString().contains("0007").endsWith(".png");
  }

  @Test
  void pathsMayHoldSpacesQuotesForeignLettersAndManyCharacters() throws Exception {
    Path strange = folder.resolve("Ünïcode 'single' \"double\" $HOME & 日本語 %20");
    Path deep = strange.resolve("x".repeat(100)).resolve("y".repeat(100));
    Path blend = deep.resolve("scène \"1\".blend");
    Files.createDirectories(deep);
    Files.copy(cube, blend);
    BlenderSession session =
        BlenderSession.start(
            TestingBlender.installation(),
            new SessionSettings(deep.resolve("session"), 1),
            output::add);
    sessions.add(session);

    session.open(TestingBlender.request(blend));
    CellRequest cell = new CellRequest(1, WHOLE, 0, 4, false, deep.resolve("célula.exr"));
    session.render(cell);

    assertThat(cell.partial()).isNotEmptyFile();
  }

  @Test
  void blenderSeesNothingOfTheUsersSetUpAndWritesOnlyIntoItsFolder() throws Exception {
    Path trusting =
        TestingBlender.scene(
            scenes.resolve("environment.blend"),
            """
            text = bpy.data.texts.new('environment.py')
            text.write('''
            import os, sys, tempfile
            print('ENV', os.environ['TMPDIR'], os.environ['BLENDER_USER_RESOURCES'],
                  os.environ.get('PYTHONPATH'), tempfile.gettempdir(), flush=True)
            ''')
            text.use_module = True
            """);
    BlenderSession session = start();
    Path base = folder.resolve("session");
    SceneRequest request = TestingBlender.request(trusting);
    SceneRequest trusted =
        new SceneRequest(
            request.blend(),
            1,
            true,
            request.samples(),
            request.seed(),
            true,
            request.projectPath(),
            request.workingPath(),
            request.projectFolder(),
            request.dependenciesFolder());

    session.open(trusted);

    assertThat(output)
        .extracting(BlenderLine::text)
        .contains(
            "ENV %s %s None %s"
                .formatted(base.resolve("tmp"), base.resolve("user"), base.resolve("tmp")));
    session.close();
    assertThat(base).doesNotExist();
  }

  @Test
  void aTextFileNamedBlendIsTheScenesFaultAndTheSessionGoesOn() throws Exception {
    BlenderSession session = start();
    Path text = Files.writeString(folder.resolve("text.blend"), "This is no scene.");

    SessionException failure =
        catchThrowableOfType(
            SessionException.class, () -> session.open(TestingBlender.request(text)));

    assertThat(failure.failure()).isEqualTo(SessionFailure.SCENE);
    assertThat(failure).hasMessageContaining(text.toString());
    assertThat(session.open(TestingBlender.request(cube)).samples()).isEqualTo(4);
  }

  @Test
  void aMissingSceneAndAMissingFolderAreSaidBeforeBlenderIsAsked() throws Exception {
    BlenderSession session = start();

    SessionException noScene =
        catchThrowableOfType(
            SessionException.class,
            () -> session.open(TestingBlender.request(folder.resolve("none.blend"))));
    SessionException noFolder =
        catchThrowableOfType(
            SessionException.class,
            () ->
                session.render(
                    new CellRequest(1, WHOLE, 0, 4, false, folder.resolve("none/x.exr"))));

    assertThat(noScene.failure()).isEqualTo(SessionFailure.SCENE);
    assertThat(noScene).hasMessageContaining("none.blend");
    assertThat(noFolder.failure()).isEqualTo(SessionFailure.MACHINE);
    assertThat(noFolder).hasMessageContaining(folder.resolve("none").toString());
  }

  @Test
  void aCrashIsBlendersAndSaysWhereItWas() throws Exception {
    BlenderSession session = start();
    session.open(TestingBlender.request(cube));
    CompletableFuture<SessionException> failure = renderForever(session);

    signal(session, "SEGV");

    assertThat(failure.join().failure()).isEqualTo(SessionFailure.BLENDER);
    assertThat(failure.join()).hasMessageContaining("crashed while rendering 64x36+0+0");
    assertThat(failure.join().lines()).isNotEmpty();
    assertThat(String.join("\n", failure.join().lines())).contains(".crash.txt", "backtrace");
    assertThat(session.isAlive()).isFalse();
    assertThat(session.process().isAlive()).isFalse();
  }

  @Test
  void killingInTheMiddleOfACellLeavesNoProcess() throws Exception {
    BlenderSession session = start();
    session.open(TestingBlender.request(cube));
    CompletableFuture<SessionException> failure = renderForever(session);

    session.kill();

    assertThat(session.process().isAlive()).isFalse();
    assertThat(failure.join()).isInstanceOf(SessionClosedException.class);
    assertThat(session.isAlive()).isFalse();
    assertThat(
            catchThrowableOfType(
                SessionException.class, () -> session.open(TestingBlender.request(cube))))
        .isInstanceOf(SessionClosedException.class);
  }

  @Test
  void aProcessKilledBySomebodyDidNotLackMemory() throws Exception {
    BlenderSession session = start();
    session.open(TestingBlender.request(cube));
    CompletableFuture<SessionException> failure = renderForever(session);

    signal(session, "KILL");

    assertThat(failure.join()).hasMessageContaining("was killed while rendering");
    assertThat(failure.join().failure()).isEqualTo(SessionFailure.BLENDER);
  }

  @Test
  void aSceneThatSleepsIsEndedByItsDeadline() throws Exception {
    Path sleeping =
        TestingBlender.scene(
            scenes.resolve("sleeping.blend"),
            """
            text = bpy.data.texts.new('sleep.py')
            text.write('import time\\ntime.sleep(1000)')
            text.use_module = True
            """);
    SessionDeadlines usual = SessionDeadlines.DEFAULT;
    SessionDeadlines impatient =
        new SessionDeadlines(
            usual.start(),
            usual.open(),
            usual.files(),
            usual.firstCell(),
            usual.compose(),
            Duration.ofSeconds(2),
            usual.silent(),
            usual.shortestCell(),
            usual.cellFactor());
    BlenderSession session =
        BlenderSession.start(
            TestingBlender.installation(),
            new SessionSettings(folder.resolve("session"), 1, impatient),
            output::add);
    sessions.add(session);
    SceneRequest request = TestingBlender.request(sleeping);
    SceneRequest trusted =
        new SceneRequest(
            request.blend(),
            1,
            true,
            request.samples(),
            request.seed(),
            true,
            request.projectPath(),
            request.workingPath(),
            request.projectFolder(),
            request.dependenciesFolder());

    SessionException failure =
        catchThrowableOfType(SessionException.class, () -> session.open(trusted));

    assertThat(failure.failure()).isEqualTo(SessionFailure.BLENDER);
    assertThat(failure).hasMessageContaining("hung while opening").hasMessageContaining("neither");
    assertThat(session.process().isAlive()).isFalse();
    // and the next step says why there is none
    assertThat(
            catchThrowableOfType(
                SessionException.class, () -> session.open(TestingBlender.request(cube))))
        .isNotInstanceOf(SessionClosedException.class)
        .hasMessage(failure.getMessage());
  }

  @Test
  void anAnnouncementIsWhatTheRunningBlenderSays() throws Exception {
    BlenderInstallation stale =
        new BlenderInstallation(
            TestingBlender.installation().executable(),
            BlenderInstallation.Kind.EXECUTABLE,
            new BlenderVersion(2, 80, 0),
            "2.80",
            "",
            true,
            List.of());

    BlenderSession session =
        BlenderSession.start(stale, new SessionSettings(folder.resolve("session"), 1), output::add);
    sessions.add(session);

    assertThat(session.installation().version()).isGreaterThan(stale.version());
  }

  private BlenderSession start() throws SessionException {
    BlenderSession session =
        BlenderSession.start(
            TestingBlender.installation(),
            new SessionSettings(folder.resolve("session"), 1),
            output::add);
    sessions.add(session);
    return session;
  }

  /** Renders more than anybody waits for, and returns when the first sample is reported. */
  private CompletableFuture<SessionException> renderForever(BlenderSession session)
      throws InterruptedException {
    Cell cell = new Cell(WHOLE.tile(), new SampleRange(0, 10_000_000));
    CellRequest request =
        new CellRequest(1, cell, 0, 10_000_000, false, folder.resolve("never.exr"));
    CompletableFuture<SessionException> failure =
        CompletableFuture.supplyAsync(
            () -> catchThrowableOfType(SessionException.class, () -> session.render(request)),
            Thread::startVirtualThread);
    while (output.stream().noneMatch(Sampling.class::isInstance)) {
      assertThat(failure).isNotDone();
      Thread.onSpinWait();
    }
    return failure;
  }

  private static void signal(BlenderSession session, String name)
      throws IOException, InterruptedException {
    String pid = Long.toString(session.process().pid());
    Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid).start();
    assertThat(kill.waitFor()).isZero();
  }
}
