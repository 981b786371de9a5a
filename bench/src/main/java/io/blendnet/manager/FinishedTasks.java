package io.blendnet.manager;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.FrameCut;
import io.blendnet.domain.FramePlan;
import io.blendnet.domain.SceneFacts;
import io.blendnet.domain.Strategy;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.MessageRow;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * The history of a farm that has rendered for years: tasks that are completed, each with its
 * configuration, its plan, its picture and a few messages.
 */
public final class FinishedTasks {
  private static final int TASKS_IN_A_COMMIT = 10_000;
  private static final Instant FIRST = Instant.parse("2020-01-01T00:00:00Z");

  private final SplittableRandom random = new SplittableRandom(2);
  private final String plan;

  private FinishedTasks() {
    SceneFacts facts = Workload.MANY_FRAMES.facts();
    FrameCut cut = ((FrameCut.Decision.Taken) FrameCut.decide(Strategy.AUTO, facts)).cut();
    this.plan = TaskNotes.NONE.withPlan(new FramePlan(cut, facts)).json();
  }

  /**
   * Fills a store.
   *
   * @param progress is told now and then how many there are
   */
  public static void fill(FarmStore store, int count, IntConsumer progress) throws IOException {
    FinishedTasks tasks = new FinishedTasks();
    List<StoreChange> changes = new ArrayList<>();
    List<MessageRow> messages = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      TaskRow row = tasks.row(number);
      changes.add(new StoreChange.CreateTask(row));
      messages.add(message(row, "Strategy automatic: tiles keep adaptive sampling"));
      messages.add(message(row, "RUNNING: agent agent-7 works on it"));
      messages.add(message(row, "COMPLETED: the picture is there"));
      if (changes.size() == TASKS_IN_A_COMMIT || number == count - 1) {
        changes.add(new StoreChange.AppendMessages(messages));
        store.commit(changes);
        changes.clear();
        messages.clear();
        progress.accept(number + 1);
      }
    }
  }

  private static MessageRow message(TaskRow row, String line) {
    return new MessageRow(row.name(), Turn.MANAGER_WORK, row.created(), line);
  }

  private TaskRow row(int number) {
    Instant created = FIRST.plusSeconds(number * 100L);
    return new TaskRow(
        new TaskName("old-%07d".formatted(number)),
        1,
        TaskState.COMPLETED,
        created,
        Optional.of(created),
        Optional.of(created.plusSeconds(90)),
        SceneOrders.json(TaskConfig.of("old.blend", number)),
        plan,
        Optional.empty(),
        Optional.empty(),
        Optional.of(blob()),
        Optional.of(blob()),
        0,
        false);
  }

  private BlobId blob() {
    return new BlobId(
        "%016x%016x%016x%016x"
            .formatted(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()));
  }
}
