package io.blendnet.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.AgentName;
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
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.StoreFormatException;
import io.blendnet.storage.spi.StoredMessage;
import io.blendnet.storage.spi.TaskQuery;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig.SynchronousMode;

/** Farms of earlier releases go on; what this release cannot read it leaves alone. */
class FarmMigrationTest {
  private static final SynchronousMode FULL = SynchronousMode.FULL;
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123456789Z");
  private static final TaskName TASK = new TaskName("shot 7_0001");
  private static final AgentName AGENT = new AgentName("agent-1");
  private static final Cell CELL = new Cell(new Tile(8, 16, 32, 64), new SampleRange(4, 12));

  @TempDir Path folder;

  @Test
  void theFirstFormatIsAsItWasReleased() throws Exception {
    byte[] sum =
        MessageDigest.getInstance("SHA-256").digest(FarmSchema.STEPS.getFirst().getBytes(UTF_8));

    assertThat(HexFormat.of().formatHex(sum))
        .as("farms of this format exist; write a new step instead")
        .isEqualTo("865f9f95b35cdd41d226230a56e8c646cebe1771423971545edb3d8110add279");
  }

  @Test
  void aFarmOfTheFirstFormatKeepsEveryRowAndHasDefaultsForWhatIsNew() throws Exception {
    makeFarmOfFirstFormat();

    try (FarmStore store = SqliteFarmStore.open(folder)) {
      assertIsFarmOfFirstFormat(store);
    }
    assertThat(format()).isEqualTo(FarmSchema.STEPS.size());
  }

  @Test
  void aMigratedFarmTakesWhatIsNew() throws Exception {
    makeFarmOfFirstFormat();
    LeaseRow lease = new LeaseRow(new LeaseId(7), TASK, AGENT, 1, List.of(CELL));

    try (FarmStore store = SqliteFarmStore.open(folder)) {
      store.commit(List.of(new StoreChange.PutLease(lease)));
      assertThat(store.leases(TASK)).containsExactly(lease);
      store.commit(List.of(new StoreChange.DeleteTask(TASK, 3)));
      assertThat(store.leases(TASK)).isEmpty();
      assertThat(store.isReferenced(FarmStoreContract.blob(5))).isFalse();
    }
    SqliteFarmStore.open(folder).close();
  }

  @Test
  void aFarmOfANewerFormatIsRefusedAndNotAByteOfItChanges() throws Exception {
    makeFarmOfFirstFormat();
    try (SqliteConnection connection = database(List.of()).openReader()) {
      connection.script("PRAGMA query_only = OFF");
      connection.script("PRAGMA user_version = 99");
    }
    byte[] before = Files.readAllBytes(file());

    assertThatThrownBy(() -> SqliteFarmStore.open(folder))
        .isInstanceOf(StoreFormatException.class)
        .hasMessageContaining(file() + " was written by a newer BlendNet (format 99;")
        .hasMessageContaining("formats up to " + FarmSchema.STEPS.size())
        .hasMessageContaining("Start the newer BlendNet");

    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }

  @Test
  void aStepThatFailsLeavesTheOldFormatAsItWas() throws Exception {
    makeFarmOfFirstFormat();
    String failing = FarmSchema.STEPS.get(1) + "DELETE FROM file; INSERT INTO nowhere VALUES (1);";

    assertThatThrownBy(
            () -> database(List.of(FarmSchema.STEPS.getFirst(), failing)).openWriter(FULL))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file().toString())
        .hasMessageContaining("nowhere");

    assertThat(format()).isEqualTo(1);
    try (FarmStore store = SqliteFarmStore.open(folder)) {
      assertIsFarmOfFirstFormat(store);
    }
  }

  @Test
  void aStepThatIsKilledLeavesTheOldFormatAsItWas() throws Exception {
    makeFarmOfFirstFormat();
    try (ChildJava child =
        ChildJava.start(
            EndlessStep.class, List.of("-Dorg.sqlite.tmpdir=" + folder), folder.toString())) {
      assertThat(child.line()).contains("in the middle of it");
      child.kill();
    }
    assertThat(Files.size(log())).isGreaterThan(EndlessStep.MIDDLE);

    assertThat(format()).isEqualTo(1);
    try (FarmStore store = SqliteFarmStore.open(folder)) {
      assertIsFarmOfFirstFormat(store);
    }
  }

  /** Begins a step that does not end, and says so once much of it is in the file. */
  static final class EndlessStep {
    static final long MIDDLE = 8_000_000;

    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      Path log = folder.resolve("farm.db-wal");
      Thread.ofPlatform()
          .start(() -> {
            while (log.toFile().length() <= MIDDLE) {
              Thread.onSpinWait();
            }
            System.out.println("in the middle of it");
          });
      String endless =
          FarmSchema.STEPS.get(1)
              + """
              DELETE FROM file;
              CREATE TABLE large AS
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                SELECT i, randomblob(1000) AS bytes FROM n;
              """;
      database(folder, List.of(FarmSchema.STEPS.getFirst(), endless)).openWriter(FULL).close();
    }
  }

  /** A row in every table, all columns used. */
  private void makeFarmOfFirstFormat() throws IOException, SQLException {
    try (SqliteConnection farm = database(FarmSchema.STEPS.subList(0, 1)).openWriter(FULL)) {
      farm.update(
          """
          INSERT INTO task VALUES (5, ?, 3, 'ERROR', ?, ?, ?, 'no camera', ?, ?, ?)
          """,
          TASK,
          NOW,
          NOW.plusNanos(1),
          NOW.plusNanos(2),
          FarmStoreContract.blob(1),
          FarmStoreContract.blob(2),
          FarmStoreContract.blob(3));
      farm.update("INSERT INTO task_text VALUES (5, '{\"samples\":4}', '{\"plan\":1}')");
      farm.update("INSERT INTO file VALUES (5, 'a.blend', ?)", FarmStoreContract.blob(4));
      farm.update(
          """
          INSERT INTO delivery
          VALUES (5, 16, 8, 32, 64, 4, 12, 4, 12, 40, 72, 6, 2, ?, ?, ?, 1, 2, 3, 4)
          """,
          AGENT,
          FarmStoreContract.blob(5),
          NOW);
      farm.update("INSERT INTO message VALUES (11, 5, 'lease 6', ?, 'rendered')", NOW);
      farm.update(
          "INSERT INTO agent VALUES (?, 'farm-1', 9443, 'manager', 'secret', 'PEM', ?)",
          AGENT,
          NOW);
      farm.update("INSERT INTO meta VALUES ('epoch', '12')");
    }
  }

  private static void assertIsFarmOfFirstFormat(FarmStore store) throws IOException {
    assertThat(store.tasks(TaskQuery.all(10)))
        .containsExactly(
            new TaskRow(
                TASK,
                3,
                TaskState.ERROR,
                NOW,
                Optional.of(NOW.plusNanos(1)),
                Optional.of(NOW.plusNanos(2)),
                "{\"samples\":4}",
                "{\"plan\":1}",
                Optional.of("no camera"),
                Optional.of(FarmStoreContract.blob(1)),
                Optional.of(FarmStoreContract.blob(2)),
                Optional.of(FarmStoreContract.blob(3)),
                0,
                false));
    assertThat(store.files(TASK))
        .containsExactly(new FileRow(TASK, "a.blend", FarmStoreContract.blob(4)));
    assertThat(store.deliveries(TASK))
        .containsExactly(
            new DeliveryRow(
                TASK,
                CELL,
                new Tile(4, 12, 40, 72),
                new LeaseId(6),
                2,
                AGENT,
                FarmStoreContract.blob(5),
                NOW,
                new CellTimings(
                    Duration.ofNanos(1),
                    Duration.ofNanos(2),
                    Duration.ofNanos(3),
                    Duration.ofNanos(4))));
    assertThat(store.leases(TASK)).isEmpty();
    assertThat(store.messages(TASK, 0, 10))
        .containsExactly(new StoredMessage(11, new MessageRow(TASK, "lease 6", NOW, "rendered")));
    assertThat(store.agents())
        .containsExactly(
            new AgentRow(
                AGENT,
                "farm-1",
                9443,
                new Credentials("manager", Secret.of("secret")),
                Optional.of("PEM"),
                NOW,
                false));
    assertThat(store.meta("epoch")).contains("12");
  }

  private int format() throws IOException, SQLException {
    try (SqliteConnection reader = database(List.of()).openReader()) {
      return reader.number("PRAGMA user_version");
    }
  }

  private Path file() {
    return folder.resolve(SqliteFarmStore.FILE);
  }

  private Path log() {
    return folder.resolve(SqliteFarmStore.FILE + "-wal");
  }

  private SqliteDatabase database(List<String> steps) {
    return database(folder, steps);
  }

  private static SqliteDatabase database(Path folder, List<String> steps) {
    return new SqliteDatabase(
        folder.resolve(SqliteFarmStore.FILE),
        "the farm's database",
        FarmSchema.APPLICATION_ID,
        steps);
  }
}
