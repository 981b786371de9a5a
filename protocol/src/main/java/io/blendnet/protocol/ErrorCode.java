package io.blendnet.protocol;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What a server refused, and why: the stable code in the {@code type} of a failure. Codes are
 * added, never renamed.
 */
public enum ErrorCode {
  /** The request is malformed: path, query, header or JSON. */
  INVALID_REQUEST(400, "The request is malformed"),
  /** What arrived has another checksum or length than announced. */
  CHECKSUM_MISMATCH(400, "The content does not match its checksum"),
  /** User or password is missing or wrong. */
  UNAUTHORIZED(401, "Sign-in needed"),
  /** A browser sent a changing request on behalf of another site. */
  CROSS_SITE(403, "Requests from other sites are refused"),
  /** There is no such endpoint. */
  ENDPOINT_NOT_FOUND(404, "No such endpoint"),
  TASK_NOT_FOUND(404, "No such task"),
  FILE_NOT_FOUND(404, "No such file"),
  RESULT_NOT_FOUND(404, "No such result yet"),
  AGENT_NOT_FOUND(404, "No such agent"),
  DELIVERY_NOT_FOUND(404, "No such delivery"),
  /** The agent has no such lease: never had it, or is done with it. */
  LEASE_NOT_FOUND(404, "No such lease"),
  /** The endpoint exists, with other methods. */
  METHOD_NOT_ALLOWED(405, "Method not allowed"),
  /** The task's state does not allow it. */
  TASK_STATE(409, "The task's state does not allow this"),
  /**
   * It contradicts what is there: another content of the same SHA-1, another agent of that name.
   */
  CONFLICT(409, "This contradicts what is there"),
  /** What the request names must be sent first; {@link BlobsMissing} lists it. */
  BLOBS_MISSING(409, "Blobs are missing"),
  /**
   * An upload does not go on where the server stands, or another of the same content is under way;
   * {@link MissingBlob} says where the server stands.
   */
  TRANSFER_CONFLICT(409, "The upload must go on elsewhere"),
  /** Another farm owns the agent. */
  OTHER_FARM(409, "Another farm owns this agent"),
  /** Another Manager of the farm gives the orders now: one that started later, or a copy. */
  STALE_EPOCH(409, "Another Manager gives the orders"),
  /** No Manager has attached to the agent since it started. */
  NOT_ATTACHED(409, "No Manager has attached"),
  /** A body came without {@code Content-Length}. */
  LENGTH_REQUIRED(411, "Content-Length needed"),
  TOO_LARGE(413, "The body is too large"),
  UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type"),
  RANGE_NOT_SATISFIABLE(416, "No such range"),
  /** A member of the JSON body has a wrong type or value; the message names it. */
  INVALID_FIELD(422, "A field has a wrong value"),
  /** The task is not ready to run: no project, a file missing. */
  NOT_READY(422, "The task is not ready"),
  TOO_MANY_REQUESTS(429, "Too many requests"),
  /** The request's headers are too large. */
  HEADERS_TOO_LARGE(431, "The headers are too large"),
  /** A bug or a broken machine; the server's log tells more. */
  INTERNAL(500, "Internal error"),
  /** The server is about to end, or not yet ready. */
  UNAVAILABLE(503, "Not available now"),
  /** The server's disk is full, or it stores as much as it may. */
  STORAGE_FULL(507, "No room");

  private static final String PREFIX = "urn:blendnet:error:";

  private final int status;
  private final String title;

  ErrorCode(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The HTTP status that goes with it. */
  public int status() {
    return status;
  }

  /** What all failures of this kind have in common, in words. */
  public String title() {
    return title;
  }

  /** The code as users see it, such as {@code task-not-found}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The {@code type} of RFC 9457. */
  public String type() {
    return PREFIX + label();
  }

  public static Optional<ErrorCode> ofType(String type) {
    return Arrays.stream(values()).filter(code -> code.type().equals(type)).findFirst();
  }
}
