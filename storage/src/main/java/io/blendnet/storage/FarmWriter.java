package io.blendnet.storage;

import io.blendnet.domain.Cell;
import io.blendnet.domain.LeaseId;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.Tile;
import io.blendnet.storage.spi.AgentRow;
import io.blendnet.storage.spi.DeliveryRow;
import io.blendnet.storage.spi.FileRow;
import io.blendnet.storage.spi.LeaseRow;
import io.blendnet.storage.spi.MessageRow;
import io.blendnet.storage.spi.MissingTaskException;
import io.blendnet.storage.spi.StaleVersionException;
import io.blendnet.storage.spi.StoreChange;
import io.blendnet.storage.spi.TaskRow;
import java.sql.SQLException;

/** Applies changes within the transaction that its caller has begun. Not thread-safe. */
final class FarmWriter {
  private final SqliteConnection connection;

  FarmWriter(SqliteConnection connection) {
    this.connection = connection;
  }

  void apply(StoreChange change) throws SQLException {
    switch (change) {
      case StoreChange.CreateTask(TaskRow row) -> create(row);
      case StoreChange.UpdateTask(TaskRow row) -> update(row);
      case StoreChange.DeleteTask(TaskName name, long version) -> deleteTask(name, version);
      case StoreChange.PutFile(FileRow row) -> putFile(row);
      case StoreChange.DeleteFile(TaskName task, String path) -> deleteFile(task, path);
      case StoreChange.PutDelivery(DeliveryRow row) -> putDelivery(row);
      case StoreChange.DeleteDelivery(TaskName task, Cell cell) -> deleteDelivery(task, cell);
      case StoreChange.DeleteDeliveries(TaskName task) -> deleteDeliveries(task);
      case StoreChange.PutLease(LeaseRow row) -> putLease(row);
      case StoreChange.DeleteLease(LeaseId id) ->
          connection.update("DELETE FROM lease WHERE id = ?", id);
      case StoreChange.DeleteLeases(TaskName task) -> deleteLeases(task);
      case StoreChange.AppendMessages messages -> {
        for (MessageRow row : messages.rows()) {
          append(row);
        }
      }
      case StoreChange.TrimMessages(TaskName task, int newest) -> trim(task, newest);
      case StoreChange.PutAgent(AgentRow row) -> putAgent(row);
      case StoreChange.DeleteAgent delete ->
          connection.update("DELETE FROM agent WHERE name = ?", delete.name());
      case StoreChange.PutMeta(String key, String value) ->
          connection.update("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value);
    }
  }

  private void create(TaskRow row) throws SQLException {
    int created =
        connection.update(
            """
            INSERT INTO task
              (name, version, state, created, started, ended, error, preview, render, compose,
              priority, paused)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (name) DO NOTHING
            """,
            row.name(),
            row.version(),
            row.state(),
            row.created(),
            row.started(),
            row.ended(),
            row.error(),
            row.preview(),
            row.render(),
            row.compose(),
            row.priority(),
            row.paused());
    if (created == 0) {
      throw stale(row.name(), StaleVersionException.ABSENT);
    }
    connection.update(
        "INSERT INTO task_text (task, config, plan) SELECT id, ?, ? FROM task WHERE name = ?",
        row.config(),
        row.plan(),
        row.name());
  }

  private void update(TaskRow row) throws SQLException {
    int updated =
        connection.update(
            """
            UPDATE task SET version = ?, state = ?, created = ?, started = ?, ended = ?, error = ?,
              preview = ?, render = ?, compose = ?, priority = ?, paused = ?
            WHERE name = ? AND version = ?
            """,
            row.version(),
            row.state(),
            row.created(),
            row.started(),
            row.ended(),
            row.error(),
            row.preview(),
            row.render(),
            row.compose(),
            row.priority(),
            row.paused(),
            row.name(),
            row.version() - 1);
    if (updated == 0) {
      throw stale(row.name(), row.version() - 1);
    }
    // Most updates change neither; not writing them again spares the disk up to half a megabyte.
    connection.update(
        """
        UPDATE task_text SET config = ?1, plan = ?2
        WHERE task = (SELECT id FROM task WHERE name = ?3) AND (config <> ?1 OR plan <> ?2)
        """,
        row.config(),
        row.plan(),
        row.name());
  }

  private void deleteTask(TaskName name, long version) throws SQLException {
    if (connection.update("DELETE FROM task WHERE name = ? AND version = ?", name, version) == 0) {
      throw stale(name, version);
    }
  }

  private void putFile(FileRow row) throws SQLException {
    int put =
        connection.update(
            """
            INSERT OR REPLACE INTO file (task, path, blob) SELECT id, ?, ? FROM task WHERE name = ?
            """,
            row.path(),
            row.blob(),
            row.task());
    if (put == 0) {
      throw new MissingTaskException(row.task(), "its file " + row.path());
    }
  }

  private void deleteFile(TaskName task, String path) throws SQLException {
    connection.update(
        "DELETE FROM file WHERE task = (SELECT id FROM task WHERE name = ?) AND path = ?",
        task,
        path);
  }

  private void putDelivery(DeliveryRow row) throws SQLException {
    Tile tile = row.cell().tile();
    Tile rendered = row.rendered();
    int put =
        connection.update(
            """
            INSERT OR REPLACE INTO delivery (task, y, x, width, height, sample_first, sample_end,
              rendered_x, rendered_y, rendered_width, rendered_height,
              lease, attempt, agent, blob, stored, sync, render, save, read_back)
            SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
            FROM task WHERE name = ?
            """,
            tile.y(),
            tile.x(),
            tile.width(),
            tile.height(),
            row.cell().samples().first(),
            row.cell().samples().end(),
            rendered.x(),
            rendered.y(),
            rendered.width(),
            rendered.height(),
            row.lease(),
            row.attempt(),
            row.agent(),
            row.blob(),
            row.stored(),
            row.timings().sync(),
            row.timings().render(),
            row.timings().save(),
            row.timings().readBack(),
            row.task());
    if (put == 0) {
      throw new MissingTaskException(row.task(), "the delivery of cell " + row.cell());
    }
  }

  private void deleteDelivery(TaskName task, Cell cell) throws SQLException {
    connection.update(
        """
        DELETE FROM delivery WHERE task = (SELECT id FROM task WHERE name = ?)
        AND y = ? AND x = ? AND width = ? AND height = ? AND sample_first = ? AND sample_end = ?
        """,
        task,
        cell.tile().y(),
        cell.tile().x(),
        cell.tile().width(),
        cell.tile().height(),
        cell.samples().first(),
        cell.samples().end());
  }

  private void deleteDeliveries(TaskName task) throws SQLException {
    connection.update(
        "DELETE FROM delivery WHERE task = (SELECT id FROM task WHERE name = ?)", task);
  }

  private void putLease(LeaseRow row) throws SQLException {
    int put =
        connection.update(
            """
            INSERT OR REPLACE INTO lease (id, task, agent, attempt, cells)
            SELECT ?, id, ?, ?, ? FROM task WHERE name = ?
            """,
            row.id(),
            row.agent(),
            row.attempt(),
            FarmRows.text(row.cells()),
            row.task());
    if (put == 0) {
      throw new MissingTaskException(row.task(), "lease " + row.id());
    }
  }

  private void deleteLeases(TaskName task) throws SQLException {
    connection.update("DELETE FROM lease WHERE task = (SELECT id FROM task WHERE name = ?)", task);
  }

  private void append(MessageRow row) throws SQLException {
    int appended =
        connection.update(
            """
            INSERT INTO message (task, work, at, line) SELECT id, ?, ?, ? FROM task WHERE name = ?
            """,
            row.work(),
            row.at(),
            row.line(),
            row.task());
    if (appended == 0) {
      throw new MissingTaskException(row.task(), "a message");
    }
  }

  private void trim(TaskName task, int newest) throws SQLException {
    connection.update(
        """
        DELETE FROM message WHERE task = (SELECT id FROM task WHERE name = ?1)
        AND number <= (SELECT number FROM message
          WHERE task = (SELECT id FROM task WHERE name = ?1)
          ORDER BY number DESC LIMIT 1 OFFSET ?2)
        """,
        task,
        newest);
  }

  private void putAgent(AgentRow row) throws SQLException {
    connection.update(
        """
        INSERT OR REPLACE INTO agent (name, address, port, user, password, authority, created,
          rented)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        row.name(),
        row.address(),
        row.port(),
        row.credentials().user(),
        row.credentials().password().reveal(),
        row.authority(),
        row.created(),
        row.rented());
  }

  private StaleVersionException stale(TaskName name, long expected) throws SQLException {
    long found =
        connection
            .first(
                row -> row.longNumber("version"), "SELECT version FROM task WHERE name = ?", name)
            .orElse(StaleVersionException.ABSENT);
    return new StaleVersionException(name, expected, found);
  }
}
