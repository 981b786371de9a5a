package io.blendnet.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.Cell;
import io.blendnet.domain.CellTimings;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.domain.Tile;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobExpectation;
import io.blendnet.storage.spi.BlobStore;
import io.blendnet.storage.spi.DeliveryRow;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.LeaseRow;
import io.blendnet.storage.spi.MessageRow;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.TaskRow;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A farm that is killed at any moment, again and again, keeps every word that it gave. */
class KillsTest {
  private static final int KILLS = 10;
  private static final int MOST_STEPS_A_LIFE = 40;
  private static final TaskName TASK = new TaskName("shot 7_0001");
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path folder;

  @Test
  void aFarmThatIsKilledAgainAndAgainKeepsEveryStepThatItAnswered() throws Exception {
    long seed = Long.getLong("blendnet.kills.seed", 20_260_301);
    Random random = new Random(seed);
    int answered = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      String when = "kill %d of -Dblendnet.kills.seed=%d".formatted(kill, seed);
      answered = liveAndDie(random, answered, when);
      int stored = assertIsWholeUpTo(answered, when);
      assertThat(stored).as(when).isGreaterThanOrEqualTo(answered);
      answered = stored;
    }
    assertThat(answered).isGreaterThan(KILLS);
  }

  /** The last step that the farm answered before it was killed. */
  private int liveAndDie(Random random, int before, String when) throws Exception {
    int last = before;
    try (ChildJava child =
        ChildJava.start(
            EndlessSteps.class, List.of("-Dorg.sqlite.tmpdir=" + folder), folder.toString())) {
      // Now and then while it opens its stores, else somewhere within a step.
      int steps = random.nextInt(MOST_STEPS_A_LIFE);
      for (int i = 0; i < steps; i++) {
        last = Integer.parseInt(child.line().orElseThrow(() -> new AssertionError(when)));
      }
      long moment = System.nanoTime() + random.nextInt(5_000_000);
      while (System.nanoTime() < moment) {
        Thread.onSpinWait();
      }
      child.kill();
      for (String line : child.rest()) {
        last = Integer.parseInt(line);
      }
    }
    return last;
  }

  /** The last step that is stored, which is stored wholly, as are all before it. */
  private int assertIsWholeUpTo(int answered, String when) throws IOException {
    try (FarmStore store = SqliteFarmStore.open(folder);
        BlobStore blobs = FileBlobStore.open(folder.resolve(FileBlobStore.FOLDER))) {
      int last = store.meta("step").map(Integer::parseInt).orElse(0);
      assertThat(store.task(TASK).map(TaskRow::version).orElse(0L)).as(when).isEqualTo(last);
      List<DeliveryRow> deliveries = store.deliveries(TASK);
      assertThat(deliveries).as(when).hasSize(last);
      for (DeliveryRow row : deliveries) {
        int step = row.cell().tile().x();
        assertThat(blobs.find(row.blob())).as("%s, blob of step %d", when, step).isPresent();
        assertThat(blobs.file(row.blob())).hasBinaryContent(bytes(step));
      }
      assertThat(store.leases(TASK).stream().map(lease -> lease.id().value()))
          .as(when)
          .isEqualTo(last == 0 ? List.of() : List.of((long) last));
      assertThat(store.messages(TASK, 0, last + 1).stream().map(stored -> stored.message().line()))
          .as(when)
          .containsExactlyElementsOf(
              Stream.iterate(1, i -> i + 1).limit(last).map(i -> "step " + i).toList());
      try (Stream<Path> half = Files.list(folder.resolve("blobs/incoming"))) {
        assertThat(half).as(when).isEmpty();
      }
      assertThat(last).as(when).isGreaterThanOrEqualTo(answered);
      return last;
    }
  }

  /** Goes on where it was killed, and answers each step, by its number, when it is durable. */
  static final class EndlessSteps {
    public static void main(String[] arguments) throws IOException {
      Path folder = Path.of(arguments[0]);
      try (FarmStore store = SqliteFarmStore.open(folder);
          BlobStore blobs = FileBlobStore.open(folder.resolve(FileBlobStore.FOLDER))) {
        int step = store.meta("step").map(Integer::parseInt).orElse(0);
        while (true) {
          step++;
          Blob blob = blobs.put(new ByteArrayInputStream(bytes(step)), BlobExpectation.NONE);
          store.commit(changes(step, blob));
          System.out.println(step);
        }
      }
    }

    private static List<StoreChange> changes(int step, Blob blob) {
      List<StoreChange> changes = new ArrayList<>();
      TaskRow row = task(step);
      changes.add(step == 1 ? new StoreChange.CreateTask(row) : new StoreChange.UpdateTask(row));
      Cell cell = new Cell(new Tile(step, 0, 8, 8), new SampleRange(0, 4));
      LeaseId lease = new LeaseId(step);
      AgentName agent = new AgentName("agent");
      changes.add(
          new StoreChange.PutDelivery(
              new DeliveryRow(
                  TASK,
                  cell,
                  cell.tile(),
                  lease,
                  1,
                  agent,
                  blob.id(),
                  NOW,
                  new CellTimings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO))));
      changes.add(new StoreChange.PutLease(new LeaseRow(lease, TASK, agent, 1, List.of(cell))));
      if (step > 1) {
        changes.add(new StoreChange.DeleteLease(new LeaseId(step - 1)));
      }
      changes.add(
          new StoreChange.AppendMessages(
              List.of(new MessageRow(TASK, "work", NOW, "step " + step))));
      changes.add(new StoreChange.PutMeta("step", Integer.toString(step)));
      return changes;
    }
  }

  /** From a few bytes to more than one buffer takes. */
  private static byte[] bytes(int step) {
    return "step %d ".formatted(step).repeat(1 + step * 997 % 40_000).getBytes(UTF_8);
  }

  private static TaskRow task(int version) {
    return new TaskRow(
        TASK,
        version,
        TaskState.RUNNING,
        NOW,
        Optional.empty(),
        Optional.empty(),
        "{}",
        "{}",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        0,
        false);
  }
}
