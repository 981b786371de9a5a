package io.blendnet.storage;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.blendnet.storage.spi.FileRow;
import io.blendnet.storage.spi.LeaseRow;
import io.blendnet.storage.spi.MessageRow;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.TaskQuery;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing that a farm asks its database grows with the tasks that it has finished: SQLite's own
 * plans say which tables are read from end to end.
 */
class FarmPlansTest {
  private static final TaskName TASK = new TaskName("shot 7_0001");
  private static final AgentName AGENT = new AgentName("agent-1");
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final BlobId BLOB = FarmStoreContract.blob(1);

  /** Agents and facts are few; what is not here grows with the farm's history. */
  private static final Pattern SCAN =
      Pattern.compile("SCAN (task|task_text|file|delivery|lease|message)\\b.*");

  @TempDir private Path folder;

  @BeforeEach
  void makeFarm() throws IOException {
    SqliteFarmStore.open(folder).close();
  }

  @Test
  void noCommitAndNoQueryReadsATableFromEndToEnd() throws Exception {
    Set<String> statements;
    try (SqliteFarmStore store = SqliteFarmStore.open(folder)) {
      store.commit(everyChange());
      query(store);
      statements = store.statements();
    }
    assertThat(statements)
        .anyMatch(sql -> sql.startsWith("DELETE FROM message"))
        .anyMatch(sql -> sql.startsWith("SELECT 1 AS found"));
    assertThat(plan("SELECT work FROM message WHERE line = ?"))
        .as("how a whole table is read")
        .anyMatch(step -> SCAN.matcher(step).matches());
    for (String sql : statements) {
      assertThat(plan(sql)).as(sql).noneMatch(step -> SCAN.matcher(step).matches());
    }
  }

  @Test
  void pagesOfTasksComeFromTheIndexInItsOrder() throws Exception {
    String sql;
    try (SqliteFarmStore store = SqliteFarmStore.open(folder)) {
      store.tasks(TaskQuery.in(Set.of(TaskState.PENDING, TaskState.RUNNING), 10));
      sql =
          store.statements().stream()
              .filter(text -> text.startsWith("WITH"))
              .findFirst()
              .orElseThrow();
    }
    assertThat(plan(sql).stream().filter(step -> step.contains("task_by_state")))
        .hasSize(2)
        .allMatch(step ->
            step.equals("SEARCH task USING COVERING INDEX task_by_state (state=? AND name>?)"));
  }

  @Test
  void whatBelongsToARemovedTaskIsFoundByAnIndex() throws Exception {
    for (String table : List.of("task_text", "file", "delivery", "lease", "message")) {
      assertThat(plan("DELETE FROM %s WHERE task = ?".formatted(table)))
          .as(table)
          .allMatch(step -> step.startsWith("SEARCH " + table + " USING "));
    }
  }

  @Test
  void aBackupReadsReferencesInTheOrderOfAnIndex() throws Exception {
    for (String sql : BlobCopies.REFERENCES) {
      assertThat(plan(sql))
          .as(sql)
          .singleElement()
          .asString()
          .contains("SEARCH", "USING COVERING INDEX");
    }
  }

  private List<String> plan(String sql) throws IOException, SQLException {
    try (SqliteConnection reader = SqliteFarmStore.databaseIn(folder).openReader()) {
      return reader.list(row -> row.text("detail"), "EXPLAIN QUERY PLAN " + sql);
    }
  }

  /** One of each kind. */
  private static List<StoreChange> everyChange() {
    Cell cell = new Cell(new Tile(0, 0, 8, 8), new SampleRange(0, 4));
    List<StoreChange> changes =
        List.of(
            new StoreChange.CreateTask(task(1)),
            new StoreChange.UpdateTask(task(2)),
            new StoreChange.PutFile(new FileRow(TASK, "a.blend", BLOB)),
            new StoreChange.PutDelivery(
                new DeliveryRow(
                    TASK,
                    cell,
                    cell.tile(),
                    new LeaseId(1),
                    1,
                    AGENT,
                    BLOB,
                    NOW,
                    new CellTimings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO))),
            new StoreChange.DeleteDelivery(TASK, cell),
            new StoreChange.DeleteDeliveries(TASK),
            new StoreChange.PutLease(new LeaseRow(new LeaseId(1), TASK, AGENT, 1, List.of(cell))),
            new StoreChange.DeleteLease(new LeaseId(1)),
            new StoreChange.DeleteLeases(TASK),
            new StoreChange.AppendMessages(List.of(new MessageRow(TASK, "work", NOW, "line"))),
            new StoreChange.TrimMessages(TASK, 2),
            new StoreChange.PutAgent(
                new AgentRow(
                    AGENT,
                    "farm-1",
                    9443,
                    new Credentials("manager", Secret.of("secret")),
                    Optional.empty(),
                    NOW,
                    false)),
            new StoreChange.DeleteAgent(AGENT),
            new StoreChange.PutMeta("epoch", "1"),
            new StoreChange.DeleteFile(TASK, "a.blend"),
            new StoreChange.DeleteTask(TASK, 2));
    assertThat(changes.stream().map(Object::getClass).toList())
        .as("a new kind of change belongs here too")
        .hasSameElementsAs(Arrays.asList(StoreChange.class.getPermittedSubclasses()));
    return changes;
  }

  private static void query(SqliteFarmStore store) throws IOException {
    for (int states = 1; states <= TaskState.values().length; states++) {
      Set<TaskState> some = Set.copyOf(List.of(TaskState.values()).subList(0, states));
      store.tasks(TaskQuery.in(some, 10).following(TASK));
    }
    store.task(TASK);
    store.files(TASK);
    store.file(TASK, "a.blend");
    store.deliveries(TASK);
    store.delivery(TASK, new Cell(new Tile(0, 0, 8, 8), new SampleRange(0, 4)));
    store.leases(TASK);
    store.messages(TASK, 3, 10);
    store.lastMessages(TASK, 10);
    store.agents();
    store.agent(AGENT);
    store.meta("epoch");
    store.isReferenced(BLOB);
  }

  private static TaskRow task(int version) {
    return FarmStoreContract.task(TASK, version, TaskState.RUNNING);
  }
}
