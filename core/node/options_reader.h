#pragma once

#include "core/node/options.h"

namespace trialog::node {

/// Reads "host:port", with brackets around an IPv6 address; nothing unless both are there.
std::optional<Endpoint> parse_endpoint(std::string_view text);

/// Reads one set of settings, once. Each method looks at one matter and adds to what is wrong with
/// it; the texts are Kafka's where Kafka has one. For `parse` only.
class OptionsReader {
 public:
  OptionsReader(const metadata::Settings& settings, bool lenient);
  Parsed read();

 private:
  void check_names_and_values();

  void read_identity();
  void read_roles();
  void read_directories();
  void read_limits();
  void read_replication();
  void read_quorum_numbers();
  void read_metadata_log();
  void check_relations();

  void read_listeners();
  void read_advertised();
  void read_inter_broker();
  void check_listeners_of_roles();
  void check_protocol(const Listener& listener);
  void check_protocol_of_controllers(const std::string& name);
  void check_distinct(const Listener& listener);
  std::optional<Listener> parse_listener(const char* key, const std::string& part);
  bool is_controllers(std::string_view listener) const;

  void read_voters();
  void read_voter(const std::string& entry);
  void read_bootstrap();
  void check_quorum();

  void problem(std::string text);
  void remark(Level level, std::string text);
  bool given(std::string_view name) const;
  std::string text(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  std::int32_t number32(std::string_view name) const;
  bool flag(std::string_view name) const;
  Duration duration(std::string_view name) const;

  const metadata::Settings& settings_;
  bool lenient_;
  std::vector<std::string> controller_names_;  // As controller.listener.names, in capitals.
  Options options_;
  Parsed parsed_;
};

}  // namespace trialog::node
