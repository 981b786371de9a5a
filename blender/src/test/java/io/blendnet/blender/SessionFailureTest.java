package io.blendnet.blender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.blendnet.domain.Cell;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ends that cannot be ordered from a real Blender, by a peer that speaks its protocol. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SessionFailureTest {
  private static final Duration SHORT = Duration.ofMillis(1500);
  private static final SessionDeadlines USUAL = SessionDeadlines.DEFAULT;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "exit 139; BLENDER; crashed",
        "exit 134; BLENDER; abort",
        "exit 42; BLENDER; session script failed",
        "exit 1; BLENDER; exit code 1",
        "exit 0; BLENDER; exit code 0",
        "echo 'std::bad_alloc'; MEMORY; ran out of memory",
        "kill -SEGV $$; BLENDER; signal 11",
      })
  void theEndOfTheProcessSaysWhatWentWrong(String end, SessionFailure kind, String words)
      throws Exception {
    SessionException failure = renderWith("read line; " + end + "; exit 134");

    assertThat(failure.failure()).isEqualTo(kind);
    assertThat(failure).hasMessageContaining(words);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exit 137", "kill -KILL $$"})
  void aKilledBlenderIsTheMemorysFaultOnlyWhereTheSystemKilledForMemory(String end)
      throws Exception {
    String behaviour = "read line; " + end;
    var counted = new AtomicLong();

    assertThat(renderWith(behaviour, killsFor(() -> OptionalLong.of(counted.get()))))
        .hasMessageContaining("signal 9")
        .extracting(SessionException::failure)
        .isEqualTo(SessionFailure.BLENDER);
    assertThat(renderWith(behaviour, killsFor(() -> OptionalLong.of(counted.getAndIncrement()))))
        .hasMessageContaining("lack of memory")
        .extracting(SessionException::failure)
        .isEqualTo(SessionFailure.MEMORY);
    assertThat(renderWith(behaviour, killsFor(OptionalLong::empty)))
        .extracting(SessionException::failure)
        .isEqualTo(SessionFailure.MEMORY);
  }

  @Test
  void theFirstProblemAndTheLastWordsAreToldOfALongOutput() throws Exception {
    SessionException failure =
        renderWith(
            """
            read line
            echo 'Error: Cannot read file "lib.blend"'
            i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo "line $i"; done
            exit 139
            """);

    assertThat(failure.lines()).contains("Error: Cannot read file \"lib.blend\"", "line 200");
    assertThat(failure.lines()).hasSizeLessThanOrEqualTo(40);
  }

  @Test
  void aGraphicsCardWithoutMemoryEndsTheSessionThoughThePictureIsSaidToBeDone() throws Exception {
    SessionException failure =
        renderWith(
            """
            read line
            echo 'CUDA error: Out of memory in cuMemAlloc(&device_pointer, size)'
            echo '@blendnet {"id":1,"ok":true,"rendered":{"x":0,"y":0,"width":8,"height":8},"seconds":{"sync":0,"render":1,"save":0}}'
            read line
            """);

    assertThat(failure.failure()).isEqualTo(SessionFailure.MEMORY);
    assertThat(failure.lines())
        .contains("CUDA error: Out of memory in cuMemAlloc(&device_pointer, size)");
  }

  @Test
  void whatTheScriptSaysIsPassedOn() throws Exception {
    SessionException failure =
        renderWith(
            """
            read line
            echo '@blendnet {"id":1,"ok":false,"failure":"scene","message":"No camera.","detail":"line 1\\\\nline 2"}'
            read line
            """);

    assertThat(failure.failure()).isEqualTo(SessionFailure.SCENE);
    assertThat(failure).hasMessage("No camera.");
    assertThat(failure.lines()).containsSubsequence("line 1", "line 2");
  }

  @Test
  void anAnswerWithoutWhatWasAskedForIsNonsense() throws Exception {
    SessionException failure =
        renderWith("read line; echo '@blendnet {\"id\":1,\"ok\":true}'; read line");

    assertThat(failure.failure()).isEqualTo(SessionFailure.BLENDER);
    assertThat(failure).hasMessageContaining("nonsense");
  }

  @Test
  void aStrangersAnswerIsNotTakenForOurs() throws Exception {
    SessionException failure =
        renderWith(
            """
            read line
            echo '@blendnet {"id":77,"ok":true}'
            echo '@blendnet not even JSON'
            printf 'unfinished @blendnet {"id":1,"ok":false,"failure":"scene","message":"Ours."} tail\\n'
            read line
            """);

    assertThat(failure).hasMessage("Ours.");
  }

  @Test
  void aBlenderThatSleepsIsGivenUp() throws Exception {
    assertThat(renderWith("sleep 1000", impatient(USUAL.firstCell(), SHORT, USUAL.silent())))
        .hasMessageContaining("neither printed nor computed anything");
  }

  @Test
  void aBlenderThatIsBusyForeverWithoutAWordIsGivenUp() throws Exception {
    // It is not idle: only the longer deadline ends it.
    SessionDeadlines impatient = impatient(USUAL.firstCell(), SHORT, SHORT.multipliedBy(3));

    assertThat(renderWith("while :; do :; done", impatient))
        .hasMessageContaining("printed nothing");
  }

  @Test
  void aBlenderThatChattersForeverIsGivenUp() throws Exception {
    assertThat(
            renderWith(
                "while echo chatter; do sleep 0.1; done",
                impatient(SHORT, USUAL.idle(), USUAL.silent())))
        .hasMessageContaining("was not done after");
  }

  @Test
  void childrenOfADeadBlenderDieWithItAndDoNotHoldUpTheReport() throws Exception {
    // The child holds the standard output open: without its death, no end of output.
    SessionException failure = renderWith("read line; setsid sleep 1009 & sleep 0.1; exit 139");

    assertThat(failure).hasMessageContaining("crashed");
  }

  @Test
  void interruptingAStepEndsTheSession() throws Exception {
    BlenderSession session = start(TestingPeer.create(folder, "sleep 1000"), USUAL);
    var step =
        new FutureTask<>(
            () -> catchThrowableOfType(SessionException.class, () -> session.render(request())));
    Thread thread = Thread.ofVirtual().start(step);

    thread.interrupt();

    assertThat(step.get()).isInstanceOf(SessionClosedException.class);
    assertThat(session.process().isAlive()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "echo 'blender: error while loading shared libraries: libX.so: No such file'; MACHINE; library",
        "true; MACHINE; library",
        "exit 1; BLENDER; ended while starting",
      })
  void aBlenderThatDoesNotStartSaysWhy(String behaviour, SessionFailure kind, String words)
      throws Exception {
    BlenderInstallation peer = TestingPeer.createSilent(folder, behaviour + "; exit 127");

    SessionException failure =
        catchThrowableOfType(SessionException.class, () -> start(peer, USUAL));

    assertThat(failure.failure()).isEqualTo(kind);
    assertThat(failure).hasMessageContaining(words);
    assertThat(folder.resolve("session")).doesNotExist();
  }

  @Test
  void aBlenderThatHangsAtItsStartIsGivenUp() throws Exception {
    BlenderInstallation peer = TestingPeer.createSilent(folder, "sleep 1000");

    SessionException failure =
        catchThrowableOfType(
            SessionException.class,
            () -> start(peer, impatient(USUAL.firstCell(), SHORT, USUAL.silent())));

    assertThat(failure.failure()).isEqualTo(SessionFailure.BLENDER);
    assertThat(failure).hasMessageContaining("hung while starting");
    assertThat(folder.resolve("session")).doesNotExist();
  }

  @Test
  void aProgramThatIsNoneIsTheMachinesFault() {
    BlenderInstallation nothing =
        BlenderSession.unknown(folder.resolve("none"), BlenderInstallation.Kind.EXECUTABLE);

    SessionException failure =
        catchThrowableOfType(SessionException.class, () -> start(nothing, USUAL));

    assertThat(failure.failure()).isEqualTo(SessionFailure.MACHINE);
    assertThat(failure).hasMessageContaining(folder.resolve("none").toString());
  }

  private static HostWithMemoryKills killsFor(Supplier<OptionalLong> kills) {
    return new HostWithMemoryKills(kills);
  }

  private SessionException renderWith(String behaviour, HostSystem host) throws Exception {
    return renderWith(
        BlenderSession.start(
            host,
            TestingPeer.create(folder, behaviour),
            new SessionSettings(folder.resolve("session"), 1, USUAL),
            _ -> {}));
  }

  private SessionException renderWith(String behaviour) throws Exception {
    return renderWith(behaviour, USUAL);
  }

  private SessionException renderWith(String behaviour, SessionDeadlines deadlines)
      throws Exception {
    return renderWith(start(TestingPeer.create(folder, behaviour), deadlines));
  }

  private SessionException renderWith(BlenderSession session) {
    try (session) {
      SessionException failure =
          catchThrowableOfType(SessionException.class, () -> session.render(request()));
      assertThat(failure).isNotInstanceOf(SessionClosedException.class);
      if (failure.failure() == SessionFailure.MEMORY) {
        assertThat(session.isAlive()).isFalse();
      }
      return failure;
    } finally {
      assertThat(session.process().isAlive()).isFalse();
      assertThat(folder.resolve("session")).doesNotExist();
    }
  }

  private BlenderSession start(BlenderInstallation peer, SessionDeadlines deadlines)
      throws SessionException {
    return BlenderSession.start(
        peer, new SessionSettings(folder.resolve("session"), 1, deadlines), _ -> {});
  }

  private static SessionDeadlines impatient(Duration cell, Duration idle, Duration silent) {
    return new SessionDeadlines(
        USUAL.start(),
        USUAL.open(),
        USUAL.files(),
        cell,
        USUAL.compose(),
        idle,
        silent,
        USUAL.shortestCell(),
        USUAL.cellFactor());
  }

  private CellRequest request() {
    Cell cell = new Cell(new Tile(0, 0, 8, 8), new SampleRange(0, 1));
    return new CellRequest(1, cell, 0, 1, false, folder.resolve("cell.exr"));
  }
}
