package io.blendnet.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.AgentMachine;
import io.blendnet.domain.AgentName;
import io.blendnet.domain.AgentView;
import io.blendnet.domain.FarmEvent;
import io.blendnet.domain.FarmRules;
import io.blendnet.domain.Strategy;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskSpec;
import io.blendnet.domain.TaskState;
import io.blendnet.domain.TaskView;
import io.blendnet.storage.SqliteFarmStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The farm loop with a real store, and nobody to carry out what it decides. */
class FarmLoopTest {
  private static final AgentName AGENT = new AgentName("a");

  @TempDir private Path folder;

  private SqliteFarmStore store;
  private FarmLoop loop;

  @BeforeEach
  void startLoop() throws IOException {
    store = SqliteFarmStore.open(folder);
    start();
  }

  private void start() throws IOException {
    loop =
        FarmLoop.start(
            store, new IdleActions(), FarmRules.DEFAULT, InstantSource.system(), System::nanoTime);
  }

  @AfterEach
  void stopLoop() throws IOException {
    loop.close();
    store.close();
  }

  private static TaskName task(int number) {
    return new TaskName("task " + number);
  }

  private static void submit(Turn turn, TaskName name) throws IOException {
    turn.update(Rows.withState(turn.create(name), TaskState.PENDING, turn.now(), ""));
    turn.decide(
        new FarmEvent.TaskReady(TaskSpec.fresh(name, "scene", 1, Strategy.AUTO, 0, turn.now())));
  }

  private static TaskView view(FarmSnapshot snapshot, TaskName name) {
    return Optional.ofNullable(snapshot.tasks().get(name)).orElseThrow();
  }

  private void join() throws IOException {
    loop.apply(turn ->
        turn.decide(
            new FarmEvent.AgentJoined(AGENT, new AgentMachine("boot", 4, 0, false), List.of())));
  }

  @Test
  void whoeverIsAnsweredFindsItInTheStoreAndInTheSnapshot() throws IOException {
    loop.apply(turn -> submit(turn, task(1)));
    assertThat(store.task(task(1)).orElseThrow()).isEqualTo(loop.snapshot().rows().get(task(1)));
    assertThat(view(loop.snapshot(), task(1)).waiting()).isEqualTo("no agent is connected");
  }

  @Test
  void aSnapshotStaysAsItWas() throws IOException {
    loop.apply(turn -> submit(turn, task(1)));
    FarmSnapshot before = loop.snapshot();
    join();
    loop.apply(turn -> turn.remove(turn.row(task(1)).orElseThrow()));
    assertThat(before.rows()).containsOnlyKeys(task(1));
    assertThat(view(before, task(1)).state()).isEqualTo(TaskState.PENDING);
    assertThat(before.agents()).isEmpty();
    assertThat(loop.snapshot().rows()).isEmpty();
  }

  @Test
  void whatAllTasksWaitForIsToldOfEachOfThem() throws IOException {
    for (int number = 1; number <= 3; number++) {
      TaskName name = task(number);
      loop.apply(turn -> submit(turn, name));
    }
    join();
    assertThat(loop.snapshot().agents().values())
        .extracting(AgentView::task)
        .containsExactly(Optional.of(task(1)));
    assertThat(view(loop.snapshot(), task(1)).waiting()).isEmpty();
    assertThat(view(loop.snapshot(), task(3)).waiting())
        .isEqualTo("all agents are busy with other tasks");
  }

  @Test
  void tasksThatHadNotEndedAreThereWhenTheLoopStartsAgain() throws IOException {
    loop.apply(turn -> submit(turn, task(1)));
    loop.close();
    start();
    assertThat(loop.snapshot().rows()).containsOnlyKeys(task(1));
  }

  @Test
  void stepsThatQueueUpShareACommit() throws IOException, InterruptedException {
    var begun = new CountDownLatch(1);
    var queued = new CountDownLatch(1);
    loop.tell(_ -> {
      begun.countDown();
      await(queued);
    });
    begun.await();
    var turns = new ArrayList<Turn>();
    IntStream.rangeClosed(1, 100)
        .forEach(number ->
            loop.tell(turn -> {
              turns.add(turn);
              submit(turn, task(number));
            }));
    queued.countDown();
    loop.apply(_ -> {});
    assertThat(turns).hasSize(100);
    assertThat(turns.stream().distinct()).hasSize(1);
    assertThat(loop.snapshot().rows()).hasSize(100);
  }

  @Test
  void aStepThatFailsBeforeAnythingIsDecidedHarmsNobodyElse() throws IOException {
    assertThatThrownBy(() ->
            loop.apply(_ -> {
              throw new IOException("refused");
            }))
        .hasMessage("refused");

    loop.apply(turn -> submit(turn, task(1)));
    assertThat(loop.snapshot().rows()).containsOnlyKeys(task(1));
    assertThat(loop.broken().toCompletableFuture()).isNotDone();
  }

  @Test
  void whatIsDecidedAndNotBookedEndsTheLoopBeforeAnythingOfItIsStored() throws IOException {
    loop.apply(turn -> submit(turn, task(1)));

    assertThatThrownBy(() ->
            loop.apply(turn -> {
              submit(turn, task(2));
              throw new IOException("the disk cannot be read");
            }))
        .hasMessage("The Manager met a bug and must be started again");

    assertThat(loop.broken().toCompletableFuture()).succeedsWithin(Duration.ofSeconds(10));
    assertThatThrownBy(() -> loop.apply(turn -> submit(turn, task(3))))
        .isInstanceOf(IOException.class);
    assertThat(store.task(task(1))).isPresent();
    assertThat(store.task(task(2))).isEmpty();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("Nobody interrupts the farm loop", e);
    }
  }
}
