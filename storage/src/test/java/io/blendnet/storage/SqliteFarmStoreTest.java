package io.blendnet.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.TaskState;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.FolderInUseException;
import io.blendnet.storage.spi.StorageFullException;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.StoreFormatException;
import io.blendnet.storage.spi.TaskRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteFarmStoreTest extends FarmStoreContract {
  @TempDir Path folder;

  @Override
  protected FarmStore open() throws IOException {
    return SqliteFarmStore.open(folder.resolve("data"));
  }

  @Test
  void itsFilesAreForTheOwnerAlone() throws IOException {
    Path place = folder.resolve("new/data");
    try (FarmStore store = SqliteFarmStore.open(place)) {
      store.commit(List.of(new StoreChange.PutMeta("a", "b")));
      assertThat(mode(place)).isEqualTo("rwx------");
      try (var files = Files.list(place)) {
        for (Path file : files.toList()) {
          assertThat(mode(file)).as(file.toString()).isEqualTo("rw-------");
        }
      }
      assertThat(place.resolve("farm.db-wal")).exists();
    }
  }

  @Test
  void anOldFileThatOthersCouldReadIsMadePrivate() throws IOException {
    Path place = folder.resolve("old");
    SqliteFarmStore.open(place).close();
    Files.setPosixFilePermissions(
        place.resolve("farm.db"), PosixFilePermissions.fromString("rw-r--r--"));
    SqliteFarmStore.open(place).close();
    assertThat(mode(place.resolve("farm.db"))).isEqualTo("rw-------");
  }

  @Test
  void aFolderOfAnyNameWillDo() throws IOException {
    for (String name :
        List.of(
            "a b",
            "it's \"quoted\"",
            "ü\uD83C\uDFA8",
            "q?x=1&y",
            "#1",
            "100%25",
            "p".repeat(200))) {
      Path place = folder.resolve("names").resolve(name);
      try (FarmStore store = SqliteFarmStore.open(place)) {
        store.commit(List.of(new StoreChange.PutMeta("name", name)));
      }
      assertThat(place.resolve("farm.db")).exists();
      try (FarmStore store = SqliteFarmStore.open(place)) {
        assertThat(store.meta("name")).contains(name);
      }
    }
  }

  @Test
  void aSecondManagerInThisProcessIsRefused() throws IOException {
    Path place = folder.resolve("shared");
    try (FarmStore store = SqliteFarmStore.open(place)) {
      assertThatThrownBy(() -> SqliteFarmStore.open(place))
          .isInstanceOf(FolderInUseException.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid());
      store.commit(List.of(new StoreChange.PutMeta("still", "works")));
    }
    SqliteFarmStore.open(place).close();
  }

  @Test
  void aManagerInAnotherProcessIsNamedAndItsCrashFreesTheFolder() throws Exception {
    Path place = folder.resolve("held");
    try (ChildJava child =
        ChildJava.start(
            EndlessCommits.class, List.of("-Dorg.sqlite.tmpdir=" + folder), place.toString())) {
      assertThat(child.line()).isPresent();
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> SqliteFarmStore.open(place))
            .isInstanceOf(FolderInUseException.class)
            .hasMessageContaining("process " + child.pid() + " on ");
      }
      child.kill();
      SqliteFarmStore.open(place).close();
    }
  }

  @Test
  void whatWasCommittedSurvivesKill9() throws Exception {
    Path place = folder.resolve("killed");
    List<String> acknowledged = new ArrayList<>();
    try (ChildJava child =
        ChildJava.start(
            EndlessCommits.class, List.of("-Dorg.sqlite.tmpdir=" + folder), place.toString())) {
      for (int i = 0; i < 100; i++) {
        acknowledged.add(child.line().orElseThrow());
      }
      child.kill();
      acknowledged.addAll(child.rest());
    }
    try (FarmStore store = SqliteFarmStore.open(place)) {
      long last = Long.parseLong(acknowledged.getLast());
      TaskRow task = store.task(TASK).orElseThrow();
      assertThat(task.version()).isBetween(last, last + 1);
      assertThat(store.meta("version")).contains(Long.toString(task.version()));
    }
  }

  /** Commits one version after the other, and prints each when it is durable. */
  static final class EndlessCommits {
    public static void main(String[] arguments) throws IOException {
      try (FarmStore store = SqliteFarmStore.open(Path.of(arguments[0]))) {
        store.commit(
            List.of(
                new StoreChange.CreateTask(task(TASK)), new StoreChange.PutMeta("version", "1")));
        for (long version = 2; ; version++) {
          store.commit(
              List.of(
                  new StoreChange.UpdateTask(task(TASK, version, TaskState.PENDING)),
                  new StoreChange.PutMeta("version", Long.toString(version))));
          System.out.println(version);
        }
      }
    }
  }

  @Test
  void theDatabaseOfAnotherProgramIsRefused() throws Exception {
    Path place = Files.createDirectory(folder.resolve("foreign"));
    execute(place, "CREATE TABLE bookmarks (url TEXT)");
    assertThatThrownBy(() -> SqliteFarmStore.open(place))
        .isInstanceOf(StoreFormatException.class)
        .hasMessageContaining("farm.db is a database of another program");
  }

  @Test
  void aFileThatIsNoDatabaseIsRefused() throws Exception {
    Path place = Files.createDirectory(folder.resolve("text"));
    Files.writeString(place.resolve("farm.db"), "This is a text. ".repeat(1_000));
    assertThatThrownBy(() -> SqliteFarmStore.open(place))
        .isInstanceOf(StoreFormatException.class)
        .hasMessageContaining("farm.db is damaged or not the farm's database");
  }

  @Test
  void aFullDiskRefusesACommitAsAWholeAndIsNoHarmOnceThereIsRoom() throws Exception {
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("disk"), 2_048)) {
      Path place = disk.folder().resolve("data");
      try (FarmStore store = SqliteFarmStore.open(place)) {
        store.commit(List.of(new StoreChange.PutMeta("before", "kept")));
        Path ballast = disk.fillUpTo(100_000);
        TaskRow large =
            new TaskRow(
                TASK,
                1,
                TaskState.CREATED,
                NOW,
                Optional.empty(),
                Optional.empty(),
                "x".repeat(400_000),
                "{}",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0,
                false);
        List<StoreChange> changes =
            List.of(new StoreChange.PutMeta("before", "lost"), new StoreChange.CreateTask(large));
        assertThatThrownBy(() -> store.commit(changes))
            .isInstanceOf(StorageFullException.class)
            .hasMessageContaining("wanted in " + place);
        assertThat(store.meta("before")).contains("kept");
        assertThat(store.task(TASK)).isEmpty();
        Files.delete(ballast);
        store.commit(changes);
        assertThat(store.task(TASK)).contains(large);
      }
      try (FarmStore store = SqliteFarmStore.open(place)) {
        assertThat(store.meta("before")).contains("lost");
      }
    }
  }

  @Test
  void aStoreCannotBeOpenedOnAFullDiskButLater() throws Exception {
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("disk"), 1_024)) {
      Path ballast = disk.fillUpTo(0);
      Path place = disk.folder().resolve("data");
      assertThatThrownBy(() -> SqliteFarmStore.open(place))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(place.toString());
      Files.delete(ballast);
      try (FarmStore store = SqliteFarmStore.open(place)) {
        store.commit(List.of(new StoreChange.PutMeta("a", "b")));
      }
    }
  }

  @Test
  void theLogOfCommitsBeginsAnewWhileCommitsGoOn() throws IOException {
    Path place = folder.resolve("busy");
    long written = 0;
    try (FarmStore store = SqliteFarmStore.open(place)) {
      for (int commit = 0; commit < 120; commit++) {
        List<StoreChange> changes = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
          String key = "%06d".formatted(commit * 1_000 + i);
          changes.add(new StoreChange.PutMeta(key, "x".repeat(300)));
          written += 300;
        }
        store.commit(changes);
      }
      assertThat(Files.size(place.resolve("farm.db-wal"))).isLessThan(written / 2);
      assertThat(Files.size(place.resolve("farm.db"))).isGreaterThan(written / 2);
    }
    try (FarmStore store = SqliteFarmStore.open(place)) {
      assertThat(store.meta("000000")).isPresent();
      assertThat(store.meta("119999")).isPresent();
    }
  }

  private static Connection connect(Path place) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + place.resolve("farm.db"));
  }

  private static void execute(Path place, String sql) throws SQLException {
    try (Connection connection = connect(place);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
