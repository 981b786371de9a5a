package io.blendnet.storage;

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
import io.blendnet.storage.SqliteConnection.Row;
import io.blendnet.storage.spi.AgentRow;
import io.blendnet.storage.spi.DeliveryRow;
import io.blendnet.storage.spi.FileRow;
import io.blendnet.storage.spi.LeaseRow;
import io.blendnet.storage.spi.MessageRow;
import io.blendnet.storage.spi.StoredMessage;
import io.blendnet.storage.spi.TaskRow;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/** From the columns of a farm's tables to rows. */
final class FarmRows {
  private FarmRows() {}

  static TaskRow task(Row row) throws SQLException {
    return new TaskRow(
        new TaskName(row.text("name")),
        row.longNumber("version"),
        TaskState.valueOf(row.text("state")),
        row.instant("created"),
        row.optionalInstant("started"),
        row.optionalInstant("ended"),
        row.text("config"),
        row.text("plan"),
        row.optionalText("error"),
        row.optionalText("preview").map(BlobId::new),
        row.optionalText("render").map(BlobId::new),
        row.optionalText("compose").map(BlobId::new),
        row.number("priority"),
        row.flag("paused"));
  }

  static FileRow file(TaskName task, Row row) throws SQLException {
    return new FileRow(task, row.text("path"), new BlobId(row.text("blob")));
  }

  static DeliveryRow delivery(TaskName task, Row row) throws SQLException {
    Tile tile =
        new Tile(row.number("x"), row.number("y"), row.number("width"), row.number("height"));
    return new DeliveryRow(
        task,
        new Cell(tile, new SampleRange(row.number("sample_first"), row.number("sample_end"))),
        new Tile(
            row.number("rendered_x"),
            row.number("rendered_y"),
            row.number("rendered_width"),
            row.number("rendered_height")),
        new LeaseId(row.longNumber("lease")),
        row.number("attempt"),
        new AgentName(row.text("agent")),
        new BlobId(row.text("blob")),
        row.instant("stored"),
        new CellTimings(
            row.duration("sync"),
            row.duration("render"),
            row.duration("save"),
            row.duration("read_back")));
  }

  static LeaseRow lease(TaskName task, Row row) throws SQLException {
    return new LeaseRow(
        new LeaseId(row.longNumber("id")),
        task,
        new AgentName(row.text("agent")),
        row.number("attempt"),
        row.text("cells").lines().map(FarmRows::cell).toList());
  }

  /** The cells of a lease as one column holds them: a line of six numbers for each. */
  static String text(List<Cell> cells) {
    StringBuilder text = new StringBuilder();
    for (Cell cell : cells) {
      Tile tile = cell.tile();
      text.append(tile.x()).append(' ').append(tile.y()).append(' ');
      text.append(tile.width()).append(' ').append(tile.height()).append(' ');
      text.append(cell.samples().first()).append(' ').append(cell.samples().end()).append('\n');
    }
    return text.toString();
  }

  private static Cell cell(String line) {
    int[] numbers = Arrays.stream(line.split(" ", -1)).mapToInt(Integer::parseInt).toArray();
    return new Cell(
        new Tile(numbers[0], numbers[1], numbers[2], numbers[3]),
        new SampleRange(numbers[4], numbers[5]));
  }

  static StoredMessage message(TaskName task, Row row) throws SQLException {
    return new StoredMessage(
        row.longNumber("number"),
        new MessageRow(task, row.text("work"), row.instant("at"), row.text("line")));
  }

  static AgentRow agent(Row row) throws SQLException {
    return new AgentRow(
        new AgentName(row.text("name")),
        row.text("address"),
        row.number("port"),
        new Credentials(row.text("user"), Secret.of(row.text("password"))),
        row.optionalText("authority"),
        row.instant("created"),
        row.flag("rented"));
  }
}
