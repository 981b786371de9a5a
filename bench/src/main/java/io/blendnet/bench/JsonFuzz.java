package io.blendnet.bench;

import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.AttachedAgent;
import io.blendnet.protocol.BlobOffers;
import io.blendnet.protocol.BlobsMissing;
import io.blendnet.protocol.InvalidFieldException;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.MalformedJsonException;
import io.blendnet.protocol.ParsedTaskConfig;
import io.blendnet.protocol.ReportPage;
import io.blendnet.protocol.ServerStatus;
import io.blendnet.protocol.StealOrder;
import io.blendnet.protocol.TaskFiles;
import io.blendnet.protocol.TaskPriority;
import io.blendnet.protocol.TaskStatus;
import io.blendnet.protocol.WireJson;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Bodies of requests, and answers of agents, which a Manager trusts no more. */
public final class JsonFuzz implements FuzzTarget {
  private static final List<Class<?>> RECORDS =
      List.of(
          AgentConfig.class,
          TaskPriority.class,
          LeaseOrder.class,
          StealOrder.class,
          ReportPage.class,
          AttachedAgent.class,
          BlobOffers.class,
          BlobsMissing.class,
          TaskFiles.class,
          TaskStatus.class,
          ServerStatus.class);
  private static final String SUM = TransferChecks.sum("x");
  private static final JsonFuzz SELF = new JsonFuzz();

  /** For Jazzer. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    SELF.take(bytes);
  }

  @Override
  public String name() {
    return "json";
  }

  @Override
  public List<byte[]> samples() {
    return List.of(
            """
            {"project":"a.blend","project_path":"/home/me","cwd_path":"C:\\\\me","samples":64,"seed":1,
             "frame":7,"agents_num":2,"use_compositing_nodes":true,"compose_filepath":"//out/","strategy":"tiles",
             "trust_scripts":false,"priority":-3,"other":[1.5e3,null,{"a":"\\ud83d\\ude00"}]}
            """,
            """
            {"address":"host.example","port":9443,"auth_user":"me","auth_password":"secret","ca":null,"rented":true}
            """,
            """
            {"boot":"b","last":2,"reports":[
             {"type":"activity","task":"t","lease":1,"attempt":1,"text":"renders"},
             {"type":"rendered","task":"t","lease":1,"attempt":1,"cell":0,"rendered":{"x":0,"y":0,"width":8,"height":8},
              "timings":{},"delivery":{"id":"d","size":1,"sha256":"00"}},
             {"type":"failed","task":"t","lease":1,"attempt":1,"failure":"BLENDER","message":"m","lines":[]},
             {"type":"terminating","reason":"r","left":3.5}]}
            """,
            """
            {"boot":"b","cores":2,"memory":1000,"blender":{"version":"4.2.0"},"last_report":1,
             "leases":[{"task":"t","lease":1,"attempt":1,"cells":[0,1]}],"terminating":false}
            """,
            """
            {"farm":"f","task":"t","lease":1,"attempt":1,"frame":1,"scene":{"project":"project/a.blend","files":
             [{"path":"project/a.blend","sha256":"00"}]},"steps":[{"type":"open"},{"type":"render","cells":[]}]}
            """,
            """
            {"blobs":[{"sha256":"%1$s","size":1},{"sha256":"%1$s","size":9223372036854775807}]}
            """
                .formatted(SUM),
            """
            {"missing":[{"sha256":"%s","received":7}]}
            """
                .formatted(SUM),
            """
            {"files":[{"path":"//textures/a.png","sha256":"%1$s"},{"path":"C:\\\\me\\\\b.abc","sha256":"%1$s"},
             {"path":"/etc/../c","sha256":"%1$s"}]}
            """
                .formatted(SUM),
            "{\"attempt\":1,\"cells\":[1,2,3]}",
            "{\"priority\":5}")
        .stream()
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  @Override
  public void take(byte[] bytes) {
    refusedOr(() -> ParsedTaskConfig.parse(bytes));
    for (Class<?> type : RECORDS) {
      refusedOr(() -> {
        Object value = WireJson.read(bytes, type);
        // What was read can be written, and read again.
        return WireJson.read(WireJson.write(value), type);
      });
    }
  }

  private interface Reading {
    Object read() throws MalformedJsonException;
  }

  private static void refusedOr(Reading reading) {
    try {
      var _ = reading.read();
    } catch (InvalidFieldException | MalformedJsonException e) {
      // Refused in its own words.
    }
  }
}
