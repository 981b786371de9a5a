package io.blendnet.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
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
import io.blendnet.security.PrivateFiles;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobExpectation;
import io.blendnet.storage.spi.BlobStore;
import io.blendnet.storage.spi.DeliveryRow;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.FileRow;
import io.blendnet.storage.spi.StorageFullException;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.StoreFormatException;
import io.blendnet.storage.spi.TaskQuery;
import io.blendnet.storage.spi.TaskRow;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig.SynchronousMode;

class FarmBackupTest {
  private static final TaskName TASK = new TaskName("shot 7_0001");
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir private Path folder;
  private Path farm;
  private Path target;

  @BeforeEach
  void namePlaces() {
    farm = folder.resolve("farm");
    target = folder.resolve("backups/it's \"today\"?");
  }

  @Test
  void everyBackupOfAFarmAtWorkIsAFarmOfOneMoment() throws Exception {
    // In memory, where nothing waits for a disk: so much changes while a copy is made.
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("disk"), 512 * 1_024)) {
      farm = disk.folder().resolve("farm");
      try (ChildJava manager =
          ChildJava.start(
              BusyFarm.class, List.of("-Dorg.sqlite.tmpdir=" + folder), farm.toString())) {
        assertThat(manager.line()).contains("busy");
        for (int round = 0; round < 4; round++) {
          Path place = disk.folder().resolve("backup " + round);
          FarmBackup.Contents contents = backUp(place);
          assertIsBusyFarm(place.resolve("data"), contents);
        }
        manager.kill();
      }
      assertNothingHalfIsLeft(disk.folder());
    }
  }

  /**
   * Delivers, assembles and forgets without a pause, as a farm does whose frames take no time. The
   * latest delivery goes at once, likely between the copying of the database and its own.
   */
  static final class BusyFarm {
    private static final int DELIVERIES = 300;

    private final FarmStore store;
    private final BlobStore blobs;
    private final Deque<DeliveryRow> deliveries = new ArrayDeque<>();
    private int delivered;

    private BusyFarm(FarmStore store, BlobStore blobs) {
      this.store = store;
      this.blobs = blobs;
    }

    public static void main(String[] arguments) throws IOException {
      Path folder = Path.of(arguments[0]);
      try (FarmStore store = SqliteFarmStore.open(folder);
          BlobStore blobs = FileBlobStore.open(folder.resolve(FileBlobStore.FOLDER))) {
        new BusyFarm(store, blobs).work();
      }
    }

    private void work() throws IOException {
      store.commit(List.of(new StoreChange.CreateTask(task(TASK, 1, Optional.empty()))));
      List<StoreChange> first = new ArrayList<>();
      while (deliveries.size() < DELIVERIES) {
        first.add(deliver());
      }
      first.add(new StoreChange.PutMeta("delivered", Integer.toString(delivered)));
      store.commit(first);
      System.out.println("busy");
      for (int frame = 1; ; frame++) {
        Blob file = put(blobs, "file of frame " + frame);
        Blob picture = put(blobs, "picture of frame " + frame);
        DeliveryRow latest = deliveries.removeLast();
        TaskName name = new TaskName("frame " + frame);
        store.commit(
            List.of(
                deliver(),
                new StoreChange.DeleteDelivery(TASK, latest.cell()),
                new StoreChange.CreateTask(task(name, 1, Optional.of(picture.id()))),
                new StoreChange.PutFile(new FileRow(name, "scene.blend", file.id())),
                new StoreChange.PutMeta("frames", Integer.toString(frame)),
                new StoreChange.PutMeta("delivered", Integer.toString(delivered))));
        blobs.delete(latest.blob());
      }
    }

    private StoreChange deliver() throws IOException {
      Blob blob = put(blobs, "cell " + delivered);
      DeliveryRow row = delivery(delivered, blob.id());
      delivered++;
      deliveries.add(row);
      return new StoreChange.PutDelivery(row);
    }
  }

  private static void assertIsBusyFarm(Path data, FarmBackup.Contents contents) throws IOException {
    try (FarmStore store = SqliteFarmStore.open(data);
        BlobStore blobs = FileBlobStore.open(data.resolve(FileBlobStore.FOLDER))) {
      int frames = store.meta("frames").map(Integer::parseInt).orElse(0);
      int delivered = store.meta("delivered").map(Integer::parseInt).orElseThrow();
      List<DeliveryRow> deliveries = store.deliveries(TASK);
      assertThat(deliveries).hasSize(BusyFarm.DELIVERIES);
      assertThat(deliveries.stream().mapToInt(row -> row.cell().tile().x()).max())
          .hasValue(delivered - 1);
      assertThat(contents.tasks()).isEqualTo(frames + 1);
      assertThat(contents.blobs()).isGreaterThanOrEqualTo(2L * frames + deliveries.size());
      for (DeliveryRow row : deliveries) {
        assertThat(blobs.file(row.blob())).hasContent("cell " + row.cell().tile().x());
        assertThat(blobs.find(row.blob())).isPresent();
      }
      for (int frame = 1; frame <= frames; frame++) {
        TaskRow row = store.task(new TaskName("frame " + frame)).orElseThrow();
        assertThat(blobs.file(row.render().orElseThrow())).hasContent("picture of frame " + frame);
        FileRow file = store.file(row.name(), "scene.blend").orElseThrow();
        assertThat(blobs.file(file.blob())).hasContent("file of frame " + frame);
      }
      assertThat(store.task(new TaskName("frame " + (frames + 1)))).isEmpty();

      // It goes on, and leaves the farm that it came from alone.
      blobs.delete(deliveries.getFirst().blob());
      store.commit(List.of(new StoreChange.PutMeta("delivered", "0")));
    }
  }

  @Test
  void aCommitUnderWayNeitherHoldsABackupUpNorIsInIt() throws Exception {
    makeFarm();
    try (SqliteConnection writer =
        SqliteFarmStore.databaseIn(farm).openWriter(SynchronousMode.FULL)) {
      writer.begin();
      writer.update("DELETE FROM task");

      assertThat(backUp(target).tasks()).isEqualTo(1);

      writer.commit();
    }
    try (FarmStore store = SqliteFarmStore.open(target.resolve("data"))) {
      assertThat(store.tasks(TaskQuery.all(10))).hasSize(1);
    }
  }

  @Test
  void whatBelongsToTheFarmComesAlongAndIsPrivate() throws Exception {
    makeFarm();
    Path keys = Files.createDirectories(folder.resolve("keys/old"));
    Files.writeString(keys.resolve("ca.key"), "old key");
    Files.writeString(folder.resolve("keys/ca.key"), "key");
    Files.writeString(folder.resolve("password"), "secret");

    try (FarmBackup backup = FarmBackup.begin(target)) {
      backup.farm(farm, "data");
      backup.files(folder.resolve("keys"), "authority");
      backup.files(folder.resolve("password"), "local/password");
      backup.files(folder.resolve("not there"), "nothing");
      assertThat(target).doesNotExist();
      backup.finish();
    }

    assertThat(target.resolve("authority/ca.key")).hasContent("key");
    assertThat(target.resolve("authority/old/ca.key")).hasContent("old key");
    assertThat(target.resolve("local/password")).hasContent("secret");
    assertThat(target.resolve("nothing")).doesNotExist();
    try (Stream<Path> paths = Files.walk(target)) {
      for (Path path : paths.toList()) {
        assertThat(PrivateFiles.isPrivate(path)).as(path.toString()).isTrue();
      }
    }
    assertNothingHalfIsLeft(target.resolveSibling("."));
  }

  @Test
  void onAnotherDiskBlobsAreCopied() throws Exception {
    BlobId blob = makeFarm();
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("disk"), 4_096)) {
      Path place = disk.folder().resolve("backup");
      FarmBackup.Contents contents = backUp(place);

      assertThat(contents).isEqualTo(new FarmBackup.Contents(1, 1, 5));
      try (BlobStore copies = FileBlobStore.open(place.resolve("data/blobs"));
          BlobStore originals = FileBlobStore.open(farm.resolve("blobs"))) {
        assertThat(copies.file(blob)).hasContent("bytes");
        assertThat(PrivateFiles.isPrivate(copies.file(blob))).isTrue();
        assertThat(copies.find(blob).map(Blob::created).map(Instant::toEpochMilli))
            .isEqualTo(originals.find(blob).map(_ -> lastModified(originals, blob)));
      }
      assertNothingHalfIsLeft(disk.folder());
    }
  }

  @Test
  void aFullDiskLeavesNothingBehind() throws Exception {
    makeFarm();
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("disk"), 4_096)) {
      disk.fillUpTo(100_000);
      assertThatThrownBy(() -> backUp(disk.folder().resolve("backup")))
          .isInstanceOf(StorageFullException.class)
          .hasMessageContaining("wanted in " + disk.folder());
      assertThat(names(disk.folder())).containsExactly("ballast");
    }
  }

  @Test
  void aBackupNeverTakesThePlaceOfAnything() throws Exception {
    makeFarm();
    Files.createDirectories(target);

    assertThatThrownBy(() -> FarmBackup.begin(target))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining(target.toString());

    Path late = folder.resolve("late");
    try (FarmBackup backup = FarmBackup.begin(late)) {
      backup.farm(farm, "data");
      Files.writeString(late, "mine");
      assertThatThrownBy(backup::finish).isInstanceOf(FileAlreadyExistsException.class);
    }
    assertThat(late).hasContent("mine");
    assertNothingHalfIsLeft(folder);
  }

  @Test
  void aBackupThatWasClosedCopiesNothingMore() throws Exception {
    makeFarm();
    FarmBackup backup = FarmBackup.begin(target);
    backup.close();

    assertThatThrownBy(() -> backup.farm(farm, "data")).isInstanceOf(InterruptedIOException.class);
    backup.close();

    assertThat(names(target.resolveSibling("."))).isEmpty();
  }

  @Test
  void aBackupThatIsKilledHasNotItsName() throws Exception {
    makeFarm();
    try (ChildJava child =
        ChildJava.start(
            EndlessBackup.class,
            List.of("-Dorg.sqlite.tmpdir=" + folder),
            farm.toString(),
            target.toString())) {
      assertThat(child.line()).contains("copied");
      child.kill();
    }
    assertThat(target).doesNotExist();
    assertThat(names(target.resolveSibling(".")))
        .singleElement()
        .asString()
        .startsWith(target.getFileName() + ".")
        .endsWith(".part");
    assertThat(backUp(target).tasks()).isEqualTo(1);
  }

  /** Copies everything, and does not come to finish. */
  static final class EndlessBackup {
    public static void main(String[] arguments) throws IOException {
      try (FarmBackup backup = FarmBackup.begin(Path.of(arguments[1]))) {
        backup.farm(Path.of(arguments[0]), "data");
        System.out.println("copied");
        var _ = System.in.read();
        backup.finish();
      }
    }
  }

  @Test
  void aBlobThatTheFarmHasLostIsNamedWithItsTask() throws Exception {
    BlobId blob = makeFarm();
    Files.delete(FileBlobStore.path(farm.resolve("blobs"), blob));

    assertThatThrownBy(() -> backUp(target))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("lacks 1 blobs")
        .hasMessageContaining(blob.sha256())
        .hasMessageContaining("file a.blend of task 'shot 7_0001'");

    assertThat(names(target.resolveSibling("."))).isEmpty();
  }

  @Test
  void aDamagedBlobIsNamedWithItsTask() throws Exception {
    BlobId blob = makeFarm();
    Path file = FileBlobStore.path(farm.resolve("blobs"), blob);
    Files.writeString(file, "other bytes");

    assertThatThrownBy(() -> backUp(target))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + " is not what its name says")
        .hasMessageContaining("file a.blend of task 'shot 7_0001'");

    assertThat(names(target.resolveSibling("."))).isEmpty();
  }

  @Test
  void aFolderWithoutAFarmIsLeftAsItIs() throws Exception {
    Files.createDirectories(farm);

    assertThatThrownBy(() -> backUp(target))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(farm.resolve("farm.db") + ": there is no farm");

    assertThat(names(farm)).isEmpty();
  }

  @Test
  void aFarmOfANewerFormatIsRefused() throws Exception {
    makeFarm();
    try (SqliteConnection writer =
        SqliteFarmStore.databaseIn(farm).openWriter(SynchronousMode.FULL)) {
      writer.script("PRAGMA user_version = 99");
    }
    assertThatThrownBy(() -> backUp(target))
        .isInstanceOf(StoreFormatException.class)
        .hasMessageContaining("was written by a newer BlendNet (format 99;");
  }

  private FarmBackup.Contents backUp(Path place) throws IOException {
    try (FarmBackup backup = FarmBackup.begin(place)) {
      FarmBackup.Contents contents = backup.farm(farm, "data");
      backup.finish();
      return contents;
    }
  }

  /** A task with one file. */
  private BlobId makeFarm() throws IOException {
    try (FarmStore store = SqliteFarmStore.open(farm);
        BlobStore blobs = FileBlobStore.open(farm.resolve(FileBlobStore.FOLDER))) {
      BlobId blob = put(blobs, "bytes").id();
      store.commit(
          List.of(
              new StoreChange.CreateTask(task(TASK, 1, Optional.empty())),
              new StoreChange.PutFile(new FileRow(TASK, "a.blend", blob))));
      return blob;
    }
  }

  private static Blob put(BlobStore blobs, String text) throws IOException {
    return blobs.put(new ByteArrayInputStream(text.getBytes(UTF_8)), BlobExpectation.NONE);
  }

  private static long lastModified(BlobStore blobs, BlobId id) {
    try {
      return Files.getLastModifiedTime(blobs.file(id)).toMillis();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertNothingHalfIsLeft(Path place) throws IOException {
    assertThat(names(place)).noneMatch(name -> name.endsWith(".part"));
  }

  private static Set<String> names(Path place) throws IOException {
    try (Stream<Path> paths = Files.list(place)) {
      return paths.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  private static DeliveryRow delivery(int number, BlobId blob) {
    Cell cell = new Cell(new Tile(number, 0, 8, 8), new SampleRange(0, 4));
    return new DeliveryRow(
        TASK,
        cell,
        cell.tile(),
        new LeaseId(1),
        1,
        new AgentName("agent"),
        blob,
        NOW,
        new CellTimings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO));
  }

  private static TaskRow task(TaskName name, long version, Optional<BlobId> render) {
    return new TaskRow(
        name,
        version,
        render.isPresent() ? TaskState.COMPLETED : TaskState.RUNNING,
        NOW,
        Optional.empty(),
        Optional.empty(),
        "{}",
        "{}",
        Optional.empty(),
        Optional.empty(),
        render,
        Optional.empty(),
        0,
        false);
  }
}
