package io.blendnet.server;

/** What an endpoint answers, for the description of the API. */
public sealed interface RouteAnswer {
  /** An envelope whose data is a record of this type. */
  record Data(Class<?> type) implements RouteAnswer {}

  /** An envelope whose data is an object with members of this type, by name. */
  record DataByName(Class<?> type) implements RouteAnswer {}

  /** An envelope whose data is an object with lists of members of this type, by name. */
  record ListsByName(Class<?> type) implements RouteAnswer {}

  /** An envelope with a message alone. */
  record Done() implements RouteAnswer {}

  /** A file. */
  record File() implements RouteAnswer {}

  /** A JSON document without an envelope. */
  record Document() implements RouteAnswer {}
}
