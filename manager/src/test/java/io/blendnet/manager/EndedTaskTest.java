package io.blendnet.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.CellTimings;
import io.blendnet.domain.Effect;
import io.blendnet.domain.Farm;
import io.blendnet.domain.FarmRules;
import io.blendnet.domain.FramePlan;
import io.blendnet.domain.Lease;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.domain.Tile;
import io.blendnet.storage.SqliteFarmStore;
import io.blendnet.storage.spi.DeliveryRow;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/** What is left of a task that has ended, in a real store. */
class EndedTaskTest {
  private static final TaskName TASK = new TaskName("still 1");
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final Tile TILE = new Tile(0, 0, 64, 36);
  private static final BlobId BLOB = new BlobId("ab".repeat(32));

  @TempDir private Path folder;

  private PMap<TaskName, TaskRow> rows = HashTreePMap.empty();
  private final OrderedSweeps actions = new OrderedSweeps();
  private FarmStore store;

  @BeforeEach
  void storeARunningTaskWithASample() throws IOException {
    store = SqliteFarmStore.open(folder);
    Turn turn = turn();
    turn.create(TASK);
    commit(turn);
    turn = turn();
    turn.update(
        Rows.withPaused(
            Rows.withState(turn.row(TASK).orElseThrow(), TaskState.RUNNING, NOW, ""), true));
    turn.change(
        new StoreChange.PutDelivery(
            new DeliveryRow(
                TASK,
                new Cell(TILE, new SampleRange(0, 4)),
                TILE,
                new LeaseId(7),
                1,
                new AgentName("one"),
                BLOB,
                NOW,
                new CellTimings(
                    Duration.ZERO, Duration.ofSeconds(1), Duration.ZERO, Duration.ZERO))));
    commit(turn);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"STOPPED", "ERROR"})
  void aTaskThatCanBeRunAgainKeepsItsSamples(TaskState state) throws IOException {
    enter(state);

    assertThat(store.deliveries(TASK)).extracting(DeliveryRow::blob).containsExactly(BLOB);
    assertThat(actions.freed).isEmpty();
  }

  @Test
  void theFinishedFrameReplacesTheSamples() throws IOException {
    enter(TaskState.COMPLETED);

    assertThat(store.deliveries(TASK)).isEmpty();
    assertThat(actions.freed).containsExactly(BLOB);
  }

  @ParameterizedTest
  @EnumSource(names = {"STOPPED", "ERROR", "COMPLETED"})
  void aTaskThatHasEndedIsNotPaused(TaskState state) throws IOException {
    enter(state);

    assertThat(store.task(TASK).orElseThrow().paused()).isFalse();
  }

  @Test
  void aTaskThatLosesItsAgentsStaysPaused() throws IOException {
    enter(TaskState.PENDING);

    assertThat(store.task(TASK).orElseThrow().paused()).isTrue();
  }

  private void enter(TaskState state) throws IOException {
    Turn turn = turn();
    turn.enter(TASK, state, "said so");
    commit(turn);
    turn.runAfter();
  }

  private Turn turn() {
    return new Turn(new Farm(new LeaseId(1), FarmRules.DEFAULT), store, actions, NOW, rows);
  }

  private void commit(Turn turn) throws IOException {
    store.commit(turn.changes());
    turn.committed();
    rows = turn.rows();
  }

  /** Remembers what was to be swept; nothing else is asked of it here. */
  private static final class OrderedSweeps implements FarmActions {
    private final List<BlobId> freed = new ArrayList<>();

    @Override
    public void freed(List<BlobId> blobs) {
      freed.addAll(blobs);
    }

    @Override
    public void entered(TaskName task, TaskState state) {}

    @Override
    public void planned(TaskName task, FramePlan plan) {
      throw new AssertionError(plan);
    }

    @Override
    public void grant(Lease lease) {
      throw new AssertionError(lease);
    }

    @Override
    public void revoke(AgentName agent, LeaseId lease, int attempt) {
      throw new AssertionError(lease);
    }

    @Override
    public void steal(Effect.Steal steal) {
      throw new AssertionError(steal);
    }

    @Override
    public void forget(AgentName agent, LeaseId lease) {
      throw new AssertionError(lease);
    }

    @Override
    public void setAside(AgentName agent, String reason) {
      throw new AssertionError(reason);
    }

    @Override
    public void giveBack(AgentName agent, String reason) {
      throw new AssertionError(reason);
    }

    @Override
    public void assemble(TaskName task) {
      throw new AssertionError(task);
    }
  }
}
