package io.blendnet.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.CellTimings;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.domain.Tile;
import io.blendnet.security.Credentials;
import io.blendnet.security.Secret;
import io.blendnet.storage.spi.AgentRow;
import io.blendnet.storage.spi.DeliveryRow;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.FileRow;
import io.blendnet.storage.spi.LeaseRow;
import io.blendnet.storage.spi.MessageRow;
import io.blendnet.storage.spi.MissingTaskException;
import io.blendnet.storage.spi.StaleVersionException;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.StoreChange.AppendMessages;
import io.blendnet.storage.spi.StoreChange.CreateTask;
import io.blendnet.storage.spi.StoreChange.DeleteAgent;
import io.blendnet.storage.spi.StoreChange.DeleteDeliveries;
import io.blendnet.storage.spi.StoreChange.DeleteDelivery;
import io.blendnet.storage.spi.StoreChange.DeleteFile;
import io.blendnet.storage.spi.StoreChange.DeleteLease;
import io.blendnet.storage.spi.StoreChange.DeleteLeases;
import io.blendnet.storage.spi.StoreChange.DeleteTask;
import io.blendnet.storage.spi.StoreChange.PutAgent;
import io.blendnet.storage.spi.StoreChange.PutDelivery;
import io.blendnet.storage.spi.StoreChange.PutFile;
import io.blendnet.storage.spi.StoreChange.PutLease;
import io.blendnet.storage.spi.StoreChange.PutMeta;
import io.blendnet.storage.spi.StoreChange.TrimMessages;
import io.blendnet.storage.spi.StoreChange.UpdateTask;
import io.blendnet.storage.spi.StoredMessage;
import io.blendnet.storage.spi.TaskQuery;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every farm store promises. A subclass runs it on one implementation. */
public abstract class FarmStoreContract {
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123456789Z");
  static final TaskName TASK = new TaskName("shot 7_0001");
  static final TaskName OTHER = new TaskName("shot 7_0002");

  private FarmStore store;

  /** Opens the same store every time within a test. */
  protected abstract FarmStore open() throws IOException;

  @BeforeEach
  void openStore() throws IOException {
    store = open();
  }

  @AfterEach
  void closeStore() throws IOException {
    store.close();
  }

  @Test
  void anEmptyStoreHasNothing() throws IOException {
    assertThat(store.task(TASK)).isEmpty();
    assertThat(store.tasks(TaskQuery.all(10))).isEmpty();
    assertThat(store.files(TASK)).isEmpty();
    assertThat(store.file(TASK, "a")).isEmpty();
    assertThat(store.deliveries(TASK)).isEmpty();
    assertThat(store.leases(TASK)).isEmpty();
    assertThat(store.messages(TASK, 0, 10)).isEmpty();
    assertThat(store.lastMessages(TASK, 10)).isEmpty();
    assertThat(store.agents()).isEmpty();
    assertThat(store.meta("farm")).isEmpty();
    assertThat(store.isReferenced(blob(1))).isFalse();
  }

  @Test
  void aTaskComesBackAsItWasStoredAlsoAfterARestart() throws IOException {
    TaskRow bare = task(TASK);
    TaskRow full =
        new TaskRow(
            OTHER,
            1,
            TaskState.ERROR,
            NOW,
            Optional.of(NOW.plusNanos(1)),
            Optional.of(NOW.plusSeconds(2)),
            "{\"text\":\"ä \uD83C\uDFA8 ' \\\" \"}",
            "[]",
            Optional.of("no camera"),
            Optional.of(blob(1)),
            Optional.of(blob(2)),
            Optional.of(blob(3)),
            -7,
            true);
    commit(new CreateTask(bare), new CreateTask(full));
    assertThat(store.task(TASK)).contains(bare);
    reopen();
    assertThat(store.task(TASK)).contains(bare);
    assertThat(store.task(OTHER)).contains(full);
  }

  @Test
  void anUpdateOfTheVersionThatIsThereReplacesTheTask() throws IOException {
    TaskRow created = task(TASK);
    TaskRow updated =
        new TaskRow(
            TASK,
            2,
            TaskState.PENDING,
            NOW,
            Optional.of(NOW),
            Optional.empty(),
            "{\"samples\":4}",
            "{\"plan\":1}",
            Optional.empty(),
            Optional.of(blob(9)),
            Optional.empty(),
            Optional.empty(),
            5,
            true);
    commit(new CreateTask(created));
    commit(new UpdateTask(updated));
    assertThat(store.task(TASK)).contains(updated);
  }

  @Test
  void severalUpdatesOfOneTaskFitIntoOneCommit() throws IOException {
    commit(
        new CreateTask(task(TASK)),
        new UpdateTask(task(TASK, 2, TaskState.PENDING)),
        new UpdateTask(task(TASK, 3, TaskState.RUNNING)));
    assertThat(store.task(TASK)).contains(task(TASK, 3, TaskState.RUNNING));
  }

  @Test
  void anUpdateMadeForAnotherVersionIsStale() throws IOException {
    commit(new CreateTask(task(TASK)), new UpdateTask(task(TASK, 2, TaskState.PENDING)));
    assertThatExceptionOfType(StaleVersionException.class)
        .isThrownBy(() -> commit(new UpdateTask(task(TASK, 2, TaskState.STOPPED))))
        .withMessageContaining("'shot 7_0001'")
        .satisfies(stale -> {
          assertThat(stale.task()).isEqualTo(TASK);
          assertThat(stale.expected()).isEqualTo(1);
          assertThat(stale.found()).isEqualTo(2);
        });
    assertThatExceptionOfType(StaleVersionException.class)
        .isThrownBy(() -> commit(new UpdateTask(task(TASK, 4, TaskState.STOPPED))));
    assertThat(store.task(TASK)).contains(task(TASK, 2, TaskState.PENDING));
  }

  @Test
  void anUpdateOfATaskThatIsGoneIsStale() {
    assertThatExceptionOfType(StaleVersionException.class)
        .isThrownBy(() -> commit(new UpdateTask(task(TASK, 2, TaskState.PENDING))))
        .satisfies(stale -> assertThat(stale.found()).isEqualTo(StaleVersionException.ABSENT));
  }

  @Test
  void aTaskCannotBeCreatedTwice() throws IOException {
    commit(new CreateTask(task(TASK)));
    assertThatExceptionOfType(StaleVersionException.class)
        .isThrownBy(() -> commit(new CreateTask(task(TASK))))
        .satisfies(stale -> {
          assertThat(stale.expected()).isEqualTo(StaleVersionException.ABSENT);
          assertThat(stale.found()).isEqualTo(1);
        });
  }

  @Test
  void ofACommitThatFailsNothingIsStored() throws IOException {
    commit(new CreateTask(task(TASK)), new PutMeta("epoch", "1"));
    assertThatExceptionOfType(StaleVersionException.class)
        .isThrownBy(() ->
            commit(
                new PutMeta("epoch", "2"),
                new CreateTask(task(OTHER)),
                new PutFile(new FileRow(TASK, "a.blend", blob(1))),
                new UpdateTask(task(TASK, 7, TaskState.PENDING))));
    assertThat(store.meta("epoch")).contains("1");
    assertThat(store.task(OTHER)).isEmpty();
    assertThat(store.files(TASK)).isEmpty();
    commit(new PutMeta("epoch", "3"));
    assertThat(store.meta("epoch")).contains("3");
  }

  @Test
  void nothingIsStoredForATaskThatIsNotThere() {
    for (StoreChange change :
        List.of(
            new PutFile(new FileRow(TASK, "a", blob(1))),
            new PutDelivery(delivery(TASK, cell(0, 0, 8), 1)),
            new PutLease(lease(1, TASK, "a", cell(0, 0, 8))),
            new AppendMessages(List.of(new MessageRow(TASK, "work", NOW, "line"))))) {
      assertThatExceptionOfType(MissingTaskException.class)
          .isThrownBy(() -> commit(change))
          .satisfies(missing -> assertThat(missing.task()).isEqualTo(TASK));
    }
  }

  @Test
  void aRemovedTaskTakesItsFilesDeliveriesLeasesAndMessagesWithIt() throws IOException {
    commit(new CreateTask(task(TASK)), new CreateTask(task(OTHER)));
    for (TaskName name : List.of(TASK, OTHER)) {
      commit(
          new PutFile(new FileRow(name, "a", blob(1))),
          new PutDelivery(delivery(name, cell(0, 0, 8), 2)),
          new PutLease(lease(name.equals(TASK) ? 1 : 2, name, "a", cell(0, 0, 8))),
          new AppendMessages(List.of(new MessageRow(name, "work", NOW, "line"))));
    }
    assertThatExceptionOfType(StaleVersionException.class)
        .isThrownBy(() -> commit(new DeleteTask(TASK, 2)));
    commit(new DeleteTask(TASK, 1));
    assertThat(store.task(TASK)).isEmpty();
    commit(new CreateTask(task(TASK)));
    assertThat(store.files(TASK)).isEmpty();
    assertThat(store.deliveries(TASK)).isEmpty();
    assertThat(store.leases(TASK)).isEmpty();
    assertThat(store.messages(TASK, 0, 10)).isEmpty();
    assertThat(store.files(OTHER)).hasSize(1);
    assertThat(store.deliveries(OTHER)).hasSize(1);
    assertThat(store.leases(OTHER)).hasSize(1);
    assertThat(store.messages(OTHER, 0, 10)).hasSize(1);
  }

  @Test
  void tasksComePageByPageInTheOrderOfTheirNames() throws IOException {
    List<TaskRow> all =
        IntStream.range(0, 25).mapToObj(i -> task(new TaskName("t%02d".formatted(i)))).toList();
    for (TaskRow row : all.reversed()) {
      commit(new CreateTask(row));
    }
    List<TaskRow> seen = new ArrayList<>();
    TaskQuery query = TaskQuery.all(10);
    List<Integer> sizes = new ArrayList<>();
    for (List<TaskRow> page = store.tasks(query); !page.isEmpty(); page = store.tasks(query)) {
      seen.addAll(page);
      sizes.add(page.size());
      query = query.following(page.getLast().name());
    }
    assertThat(seen).isEqualTo(all);
    assertThat(sizes).containsExactly(10, 10, 5);
  }

  @Test
  void tasksAreFoundByTheirStates() throws IOException {
    int number = 0;
    for (int round = 0; round < 3; round++) {
      for (TaskState state : TaskState.values()) {
        commit(new CreateTask(task(new TaskName("t%02d".formatted(number++)), 1, state)));
      }
    }
    TaskQuery active = TaskQuery.in(EnumSet.of(TaskState.PENDING, TaskState.RUNNING), 4);
    assertThat(names(store.tasks(active))).containsExactly("t01", "t02", "t07", "t08");
    assertThat(names(store.tasks(active.following(new TaskName("t08")))))
        .containsExactly("t13", "t14");
    assertThat(store.tasks(TaskQuery.in(EnumSet.noneOf(TaskState.class), 4))).isEmpty();
  }

  @Test
  void pagesHaveALimit() {
    assertThatIllegalArgumentException().isThrownBy(() -> TaskQuery.all(0));
    assertThatIllegalArgumentException().isThrownBy(() -> TaskQuery.all(TaskQuery.MOST + 1));
    assertThatIllegalArgumentException().isThrownBy(() -> store.messages(TASK, 0, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> store.lastMessages(TASK, 0));
  }

  @Test
  void aFileOfTheSamePathReplacesTheOneBefore() throws IOException {
    String odd = "tex/ä b'c\"d%20?#\uD83C\uDFA8.png";
    commit(
        new CreateTask(task(TASK)),
        new PutFile(new FileRow(TASK, odd, blob(1))),
        new PutFile(new FileRow(TASK, "a.blend", blob(2))),
        new PutFile(new FileRow(TASK, odd, blob(3))));
    assertThat(store.files(TASK))
        .containsExactly(new FileRow(TASK, "a.blend", blob(2)), new FileRow(TASK, odd, blob(3)));
    assertThat(store.file(TASK, odd)).contains(new FileRow(TASK, odd, blob(3)));
    commit(new DeleteFile(TASK, odd), new DeleteFile(TASK, "never there"));
    assertThat(store.files(TASK)).containsExactly(new FileRow(TASK, "a.blend", blob(2)));
  }

  @Test
  void deliveriesComeBackInReadingOrderAndOneForEachCell() throws IOException {
    DeliveryRow upper = delivery(TASK, cell(8, 0, 4), 1);
    DeliveryRow first = delivery(TASK, cell(0, 8, 4), 2);
    DeliveryRow second = delivery(TASK, new Cell(first.cell().tile(), new SampleRange(4, 64)), 3);
    DeliveryRow again = delivery(TASK, first.cell(), 4);
    commit(
        new CreateTask(task(TASK)),
        new PutDelivery(second),
        new PutDelivery(first),
        new PutDelivery(upper));
    assertThat(store.deliveries(TASK)).containsExactly(upper, first, second);
    commit(new PutDelivery(again));
    reopen();
    assertThat(store.deliveries(TASK)).containsExactly(upper, again, second);
    assertThat(store.delivery(TASK, first.cell())).contains(again);
    commit(new DeleteDelivery(TASK, first.cell()));
    assertThat(store.delivery(TASK, first.cell())).isEmpty();
    assertThat(store.deliveries(TASK)).containsExactly(upper, second);
    commit(new DeleteDeliveries(TASK));
    assertThat(store.deliveries(TASK)).isEmpty();
  }

  @Test
  void leasesComeBackInTheOrderOfTheirIdsUntilTheyAreOver() throws IOException {
    Cell cell = cell(0, 0, 8);
    LeaseRow none = lease(3, TASK, "a");
    LeaseRow two =
        lease(12, TASK, "b", cell(8, 16, 4), new Cell(cell.tile(), new SampleRange(8, 64)));
    LeaseRow large = lease(5_000_000_000L, TASK, "a", cell);
    LeaseRow other = lease(4, OTHER, "a", cell);
    commit(new CreateTask(task(TASK)), new CreateTask(task(OTHER)));
    commit(new PutLease(large), new PutLease(two), new PutLease(none), new PutLease(other));
    reopen();
    assertThat(store.leases(TASK)).containsExactly(none, two, large);

    LeaseRow later = new LeaseRow(two.id(), TASK, two.agent(), 2, List.of(cell));
    commit(new PutLease(later), new DeleteLease(none.id()), new DeleteLease(new LeaseId(99)));
    assertThat(store.leases(TASK)).containsExactly(later, large);
    commit(new DeleteLeases(TASK));
    assertThat(store.leases(TASK)).isEmpty();
    assertThat(store.leases(OTHER)).containsExactly(other);
  }

  @Test
  void messagesComeBackInTheirOrderPageByPage() throws IOException {
    commit(new CreateTask(task(TASK)), new CreateTask(task(OTHER)));
    for (int i = 0; i < 5; i++) {
      commit(
          new AppendMessages(
              List.of(message(TASK, 2 * i), message(OTHER, i), message(TASK, 2 * i + 1))));
    }
    List<StoredMessage> first = store.messages(TASK, 0, 4);
    List<StoredMessage> second = store.messages(TASK, first.getLast().number(), 4);
    List<StoredMessage> third = store.messages(TASK, second.getLast().number(), 4);
    assertThat(Stream.of(first, second, third).flatMap(List::stream).map(StoredMessage::message))
        .containsExactlyElementsOf(IntStream.range(0, 10).mapToObj(i -> message(TASK, i)).toList());
    assertThat(third).hasSize(2);
    assertThat(store.lastMessages(TASK, 3).stream().map(StoredMessage::message))
        .containsExactly(message(TASK, 7), message(TASK, 8), message(TASK, 9));
  }

  @Test
  void aLineComesBackWhateverCharactersItHas() throws IOException {
    MessageRow line =
        new MessageRow(
            TASK, "lease 1", NOW, "\u0000 \u001b[1m ä \uD83C\uDFA8 ' ; DROP TABLE task; --");
    commit(new CreateTask(task(TASK)), new AppendMessages(List.of(line)));
    assertThat(store.messages(TASK, 0, 1).getFirst().message()).isEqualTo(line);
  }

  @Test
  void oldMessagesCanBeDropped() throws IOException {
    commit(
        new CreateTask(task(TASK)),
        new CreateTask(task(OTHER)),
        new AppendMessages(IntStream.range(0, 10).mapToObj(i -> message(TASK, i)).toList()),
        new AppendMessages(List.of(message(OTHER, 0))));
    commit(new TrimMessages(TASK, 20));
    assertThat(store.messages(TASK, 0, 20)).hasSize(10);
    commit(new TrimMessages(TASK, 2));
    assertThat(store.messages(TASK, 0, 20).stream().map(StoredMessage::message))
        .containsExactly(message(TASK, 8), message(TASK, 9));
    commit(new TrimMessages(TASK, 0));
    assertThat(store.messages(TASK, 0, 20)).isEmpty();
    assertThat(store.messages(OTHER, 0, 20)).hasSize(1);
  }

  @Test
  void agentsAreReplacedByNameAndKeepTheirCredentials() throws IOException {
    AgentRow first = agent("b", Optional.empty());
    AgentRow second = agent("a", Optional.of("-----BEGIN CERTIFICATE-----"));
    commit(new PutAgent(first), new PutAgent(second));
    reopen();
    assertThat(store.agents()).containsExactly(second, first);
    AgentRow moved =
        new AgentRow(first.name(), "::1", 9444, first.credentials(), Optional.empty(), NOW, true);
    commit(new PutAgent(moved), new DeleteAgent(second.name()));
    assertThat(store.agents()).containsExactly(moved);
    assertThat(store.agent(first.name())).contains(moved);
    assertThat(store.agent(second.name())).isEmpty();
    assertThat(moved.toString()).doesNotContain("secret of b");
  }

  @Test
  void factsAboutTheFarmAreReplacedByKey() throws IOException {
    commit(new PutMeta("epoch", "1"), new PutMeta("farm", "f"), new PutMeta("epoch", "2"));
    reopen();
    assertThat(store.meta("epoch")).contains("2");
    assertThat(store.meta("farm")).contains("f");
  }

  @Test
  void aBlobIsReferencedAsLongAsAnythingNamesIt() throws IOException {
    TaskRow results =
        new TaskRow(
            OTHER,
            1,
            TaskState.COMPLETED,
            NOW,
            Optional.empty(),
            Optional.empty(),
            "{}",
            "{}",
            Optional.empty(),
            Optional.of(blob(1)),
            Optional.of(blob(2)),
            Optional.of(blob(3)),
            0,
            false);
    commit(
        new CreateTask(results),
        new CreateTask(task(TASK)),
        new PutFile(new FileRow(TASK, "a", blob(4))),
        new PutDelivery(delivery(TASK, cell(0, 0, 8), 5)));
    for (int i = 1; i <= 5; i++) {
      assertThat(store.isReferenced(blob(i))).as("blob %d", i).isTrue();
    }
    assertThat(store.isReferenced(blob(6))).isFalse();
    commit(new DeleteTask(TASK, 1), new DeleteTask(OTHER, 1));
    for (int i = 1; i <= 5; i++) {
      assertThat(store.isReferenced(blob(i))).as("blob %d", i).isFalse();
    }
  }

  @Test
  void queriesOfOtherThreadsSeeEachCommitAsAWhole() throws Exception {
    commit(new CreateTask(task(TASK)), new CreateTask(task(OTHER)));
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        readers.add(
            threads.submit(() -> {
              int reads = 0;
              while (!done.get() || reads == 0) {
                List<TaskRow> both = store.tasks(TaskQuery.all(10));
                assertThat(both.get(0).version()).isEqualTo(both.get(1).version());
                reads++;
              }
              return reads;
            }));
      }
      for (int version = 2; version < 200; version++) {
        commit(
            new UpdateTask(task(TASK, version, TaskState.PENDING)),
            new UpdateTask(task(OTHER, version, TaskState.PENDING)));
        assertThat(store.task(OTHER).orElseThrow().version())
            .as("a query after a commit sees it")
            .isEqualTo(version);
      }
      done.set(true);
      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).isPositive();
      }
    }
  }

  @Test
  void aClosedStoreSaysSo() throws IOException {
    store.close();
    store.close();
    assertThatThrownBy(() -> store.task(TASK))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> commit(new PutMeta("a", "b")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
  }

  private void commit(StoreChange... changes) throws IOException {
    store.commit(List.of(changes));
  }

  private void reopen() throws IOException {
    store.close();
    store = open();
  }

  static TaskRow task(TaskName name) {
    return task(name, 1, TaskState.CREATED);
  }

  static TaskRow task(TaskName name, long version, TaskState state) {
    return new TaskRow(
        name,
        version,
        state,
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

  static BlobId blob(int number) {
    return new BlobId("%064x".formatted(number));
  }

  private static Cell cell(int x, int y, int end) {
    return new Cell(new Tile(x, y, 8, 8), new SampleRange(0, end));
  }

  private static DeliveryRow delivery(TaskName task, Cell cell, int blob) {
    Tile tile = cell.tile();
    return new DeliveryRow(
        task,
        cell,
        new Tile(tile.x(), tile.y(), tile.width() + 4, tile.height() + 4),
        new LeaseId(5_000_000_000L),
        3,
        new AgentName("agent-1"),
        blob(blob),
        NOW,
        new CellTimings(
            Duration.ofNanos(1), Duration.ofHours(2), Duration.ofMillis(3), Duration.ZERO));
  }

  private static LeaseRow lease(long id, TaskName task, String agent, Cell... cells) {
    return new LeaseRow(new LeaseId(id), task, new AgentName(agent), 1, List.of(cells));
  }

  private static MessageRow message(TaskName task, int number) {
    return new MessageRow(task, "work", NOW.plusSeconds(number), "line " + number);
  }

  private static AgentRow agent(String name, Optional<String> authority) {
    return new AgentRow(
        new AgentName(name),
        "agent.example",
        9443,
        new Credentials("manager", Secret.of("secret of " + name)),
        authority,
        NOW,
        false);
  }

  private static List<String> names(List<TaskRow> rows) {
    return rows.stream().map(row -> row.name().value()).toList();
  }
}
