package io.blendnet.server;

import io.blendnet.protocol.BlobInfo;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FileInfo;
import io.blendnet.protocol.ParsedTaskConfig;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TaskFile;
import io.blendnet.protocol.TaskFiles;
import io.blendnet.protocol.TaskInfo;
import io.blendnet.protocol.TaskPriority;
import io.blendnet.protocol.TaskStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The tasks of API v1. */
public final class TaskEndpoints implements ApiRoutes {
  private static final Pattern SHA1 = Pattern.compile("[0-9a-f]{40}");
  private static final String CHECKSUM = "X-Checksum-Sha1";

  private final TaskService tasks;

  public TaskEndpoints(TaskService tasks) {
    this.tasks = tasks;
  }

  @Override
  public List<ApiRoute> routes() {
    return List.of(
        ApiRoute.of(
            ApiMethod.GET,
            "task",
            "All tasks by name",
            new RouteAnswer.DataByName(TaskInfo.class),
            _ -> all()),
        ApiRoute.get(
            "task/{name}",
            "A task",
            TaskInfo.class,
            request -> ApiResponse.data(tasks.task(request.task()))),
        ApiRoute.of(
            ApiMethod.DELETE,
            "task/{name}",
            "Removes a task that is not running, with its files",
            new RouteAnswer.Done(),
            request -> {
              tasks.remove(request.task());
              return ApiResponse.done("The task is removed");
            }),
        ApiRoute.of(
            ApiMethod.GET,
            "task/{name}/file",
            "The task's files: path to the SHA-1 of the content",
            new RouteAnswer.DataByName(String.class),
            request -> ApiResponse.data(tasks.files(request.task()))),
        ApiRoute.get(
            "task/{name}/file/{path+}",
            "A file of the task",
            FileInfo.class,
            request -> ApiResponse.data(tasks.file(request.task(), request.filePath()))),
        ApiRoute.of(
                ApiMethod.PUT,
                "task/{name}/file/{path+}",
                "Stores a file; creates the task where it is new. Headers: Content-Length,"
                    + " X-Checksum-Sha1",
                new RouteAnswer.Data(BlobInfo.class),
                this::putFile)
            .taking(RouteBody.bytes()),
        ApiRoute.of(
                ApiMethod.PUT,
                "task/{name}/files",
                "Makes contents that are stored already files of the task, all or none; creates the"
                    + " task where it is new",
                new RouteAnswer.Done(),
                this::putFiles)
            .taking(new RouteBody.Json(TaskFiles.class, TaskFiles.BODY_LIMIT)),
        ApiRoute.of(
                ApiMethod.PUT,
                "task/{name}/config",
                "Configures the task",
                new RouteAnswer.Done(),
                this::configure)
            .taking(RouteBody.json(TaskConfig.class)),
        change(ApiMethod.GET, "run", "Marks the task ready", this::run),
        change(ApiMethod.POST, "run", "Marks the task ready", this::run),
        change(ApiMethod.GET, "stop", "Stops the task; the samples done are kept", this::stop),
        change(ApiMethod.POST, "stop", "Stops the task; the samples done are kept", this::stop),
        change(
            ApiMethod.POST,
            "pause",
            "Has nothing new begun of the task until it is resumed",
            this::pause),
        change(ApiMethod.POST, "resume", "Lets a paused task go on", this::resume),
        ApiRoute.of(
                ApiMethod.PUT,
                "task/{name}/priority",
                "Says how urgent the task is",
                new RouteAnswer.Done(),
                this::prioritize)
            .taking(RouteBody.json(TaskPriority.class)),
        ApiRoute.get(
            "task/{name}/status",
            "How far the task is",
            TaskStatus.class,
            request -> ApiResponse.data(tasks.status(request.task()))),
        ApiRoute.of(
            ApiMethod.GET,
            "task/{name}/status/result/{kind}",
            "A result file: preview, render or compose",
            new RouteAnswer.File(),
            request -> ApiResponse.file(tasks.result(request.task(), kind(request)))),
        ApiRoute.of(
            ApiMethod.GET,
            "task/{name}/messages",
            "Blender's output by work name",
            new RouteAnswer.ListsByName(String.class),
            request -> ApiResponse.data(tasks.messages(request.task()))),
        ApiRoute.of(
            ApiMethod.GET,
            "task/{name}/details",
            "Measured timings of cells by work name",
            new RouteAnswer.ListsByName(Map.class),
            request -> ApiResponse.data(tasks.details(request.task()))));
  }

  private static ApiRoute change(
      ApiMethod method, String verb, String summary, ApiHandler handler) {
    return ApiRoute.of(method, "task/{name}/" + verb, summary, new RouteAnswer.Done(), handler)
        .guardedFromOtherSites();
  }

  private ApiResponse all() {
    Map<String, TaskInfo> byName = new LinkedHashMap<>();
    tasks.tasks().forEach(task -> byName.put(task.name(), task));
    return ApiResponse.data(byName);
  }

  private ApiResponse putFile(ApiRequest request) throws IOException, InterruptedException {
    String sha1 =
        request
            .header(CHECKSUM)
            .filter(sum -> SHA1.matcher(sum).matches())
            .orElseThrow(() ->
                new ApiException(
                    ErrorCode.INVALID_REQUEST,
                    "The header X-Checksum-Sha1 must be the file's SHA-1 in lower-case hex"));
    FileInfo stored =
        tasks.putFile(
            request.task(),
            request.filePath(),
            new Upload(request.stream(), request.length(), sha1));
    return ApiResponse.data(stored.blob());
  }

  private ApiResponse putFiles(ApiRequest request) throws IOException {
    List<TaskFile> files = request.json(TaskFiles.class).files();
    tasks.putFiles(request.task(), files);
    return ApiResponse.done("The task has the files");
  }

  private ApiResponse configure(ApiRequest request) throws IOException {
    ParsedTaskConfig parsed = ParsedTaskConfig.parse(request.bytes());
    List<String> warnings = new ArrayList<>(tasks.configure(request.task(), parsed.config()));
    parsed.warning().ifPresent(warnings::add);
    return ApiResponse.done(String.join(". ", warnings));
  }

  private ApiResponse run(ApiRequest request) {
    tasks.run(request.task());
    return ApiResponse.done("The task is ready to run");
  }

  private ApiResponse stop(ApiRequest request) {
    tasks.stop(request.task());
    return ApiResponse.done("The task is stopped");
  }

  private ApiResponse pause(ApiRequest request) {
    tasks.pause(request.task());
    return ApiResponse.done("The task is paused");
  }

  private ApiResponse resume(ApiRequest request) {
    tasks.resume(request.task());
    return ApiResponse.done("The task may go on");
  }

  private ApiResponse prioritize(ApiRequest request) throws IOException {
    TaskPriority priority = request.json(TaskPriority.class);
    tasks.prioritize(request.task(), priority);
    return ApiResponse.done("The task's priority is %d".formatted(priority.priority()));
  }

  private static ResultKind kind(ApiRequest request) {
    return ResultKind.parse(request.part("kind"))
        .orElseThrow(() ->
            new ApiException(
                ErrorCode.RESULT_NOT_FOUND, "Results are preview, render and compose"));
  }
}
