/* The command line of the `netmcu` program. */
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runner/runner.h"

static const char usage_text[] = "usage: netmcu [options] script.lua [args]\n";

static const char help_text[] =
    "       netmcu [options] DIR           runs DIR/init.lua, as a device does at boot\n"
    "       netmcu [options] -             runs standard input\n"
    "       netmcu [options] --test FILE…  runs tests\n"
    "\n"
    "Runs a NodeMCU device script on this machine and its network, until nothing is left to happen.\n"
    "\n"
    "  -e STATEMENT        run a statement before the script, or without a script\n"
    "  -l MODULE           require a module before the script\n"
    "  -i                  show the device's prompt on the terminal, with or without a script\n"
    "  --root DIR          use this folder as the device's flash, and create it if it does not\n"
    "                      exist (default: the folder of the script)\n"
    "  --lfs DIR           use the Lua files of this folder as the image in the device's flash (LFS;\n"
    "                      default: the folder lfs beside the script)\n"
    "  --watch             restart the script when a file below its folder changes\n"
    "  --once              end the run when the device would restart or wake up\n"
    "  --part KIND,KEY=VALUE,…  plug a sensor or display in: bme280,temp=21.5 … (docs/parts.md)\n"
    "  --strict            raise an error when the device would refuse something\n"
    "  --no-warnings       do not report where the device would behave differently\n"
    "  --frame-size N      deliver at most N bytes in one \"receive\" of a TCP connection\n"
    "                      (default 1460; 0: no limit)\n"
    "  --wifi-delay MS     let wifi.sta take MS milliseconds to connect (default 100)\n"
    "  --timeout S         end the run after S seconds with exit status 124, and print what is open\n"
    "  --test              run each file as a test in a Lua state of its own; print TAP\n"
    "  --sim[=SEED]        run in virtual time on a simulated network, where the script is alone\n"
    "  --seeds N or A-B    with --test: run the files with each of these seeds on such a network;\n"
    "                      print JSON lines\n"
    "  --jobs N            with --seeds: use N processes\n"
    "  --shrink            with --test --sim: find the smallest set of faults that makes a test fail\n"
    "  --page[=PORT]       show the device on a web page, and print its address (docs/page.md)\n"
    "  --page-bind IP      with --page: let other machines reach the page at this address\n"
    "  --pcap FILE         with --sim: write the packets to a file for Wireshark\n"
    "  --globals           print the functions of the device that exist, and exit\n"
    "  --tls-check HOST[:PORT]  report whether the chip can connect to this TLS server, and exit\n"
    "  -v, --version       print the versions\n"
    "  -h, --help          print this help\n"
    "\n"
    "The network:\n"
    "  --map-port 80=8080  open port 8080 when the script listens on 80; also 53/udp=5353; auto:\n"
    "                      a port that this user may not open becomes that port + 8000\n"
    "  --resolve HOST[:PORT]=IP[:PORT]  redirect a name or an address for this script\n"
    "  --dns IP[:PORT]     set the name server; the second time, set a second one\n"
    "  --bind IP           set the address of listeners that name no address\n"
    "  --ipv6              reach names that have no IPv4 address, and IPv6 addresses\n"
    "  --fault SPEC        make the network fail: refuse,peer=IP,port=N … (docs/testing.md)\n"
    "  --trace[=json]      print a line for each network event on standard error\n"
    "  --trace-data        print the events with all bytes of their data\n"
    "  --trace-tls         print the events and the data inside of TLS, passwords included\n"
    "  --stats             print what is open and how much was transferred, at the end and on\n"
    "                      every SIGUSR1\n"
    "\n"
    "Exit status: 0 after the end of the script or Ctrl-C, 1 after an uncaught error, a failed test or\n"
    "a failed check, 2 for wrong usage, 124 after a time-out.\n";

/* Values of options beyond those of characters. */
enum {
  FRAME_SIZE = 256,
  WIFI_DELAY,
  TIMEOUT,
  ROOT,
  LFS,
  TRACE,
  TRACE_DATA,
  TRACE_TLS,
  SIM,
  SEEDS,
  JOBS,
  PCAP,
  TLS_CHECK,
  PAGE,
  PAGE_BIND,
  RULE = 300, /* and the index of a rule */
  FLAG = 400, /* and the offset of a boolean of runner_options */
};

/* The functions of netmcu that take the value of an option. */
enum { RULES = 6 };
static const char *const rules[RULES] = {"map_port", "resolve", "dns", "bind", "fault", "part"};

#define SETS(field) (FLAG + (int)offsetof(runner_options, field))

static const struct option long_options[] = {{"strict", no_argument, NULL, SETS(strict)},
                                             {"no-warnings", no_argument, NULL, SETS(quiet)},
                                             {"frame-size", required_argument, NULL, FRAME_SIZE},
                                             {"wifi-delay", required_argument, NULL, WIFI_DELAY},
                                             {"timeout", required_argument, NULL, TIMEOUT},
                                             {"root", required_argument, NULL, ROOT},
                                             {"lfs", required_argument, NULL, LFS},
                                             {"once", no_argument, NULL, SETS(once)},
                                             {"globals", no_argument, NULL, SETS(globals)},
                                             {"watch", no_argument, NULL, SETS(watch)},
                                             {"test", no_argument, NULL, SETS(test)},
                                             {"map-port", required_argument, NULL, RULE},
                                             {"resolve", required_argument, NULL, RULE + 1},
                                             {"dns", required_argument, NULL, RULE + 2},
                                             {"bind", required_argument, NULL, RULE + 3},
                                             {"ipv6", no_argument, NULL, SETS(ipv6)},
                                             {"fault", required_argument, NULL, RULE + 4},
                                             {"part", required_argument, NULL, RULE + 5},
                                             {"trace", optional_argument, NULL, TRACE},
                                             {"trace-data", no_argument, NULL, TRACE_DATA},
                                             {"trace-tls", no_argument, NULL, TRACE_TLS},
                                             {"stats", no_argument, NULL, SETS(stats)},
                                             {"sim", optional_argument, NULL, SIM},
                                             {"seeds", required_argument, NULL, SEEDS},
                                             {"jobs", required_argument, NULL, JOBS},
                                             {"shrink", no_argument, NULL, SETS(shrink)},
                                             {"page", optional_argument, NULL, PAGE},
                                             {"page-bind", required_argument, NULL, PAGE_BIND},
                                             {"pcap", required_argument, NULL, PCAP},
                                             {"tls-check", required_argument, NULL, TLS_CHECK},
                                             {"version", no_argument, NULL, 'v'},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

static int wrong_usage(void)
{
  fprintf(stderr, "%sTry netmcu --help.\n", usage_text);
  return EXIT_USAGE;
}

static int wrong_value(const char *option, const char *value, const char *expected)
{
  runner_say("%s %s: %s expected", option, value, expected);
  return wrong_usage();
}

static bool read_number(const char *text, double least, double most, double *number)
{
  char *end;

  *number = strtod(text, &end);
  return end != text && *end == '\0' && *number >= least && *number <= most;
}

static int add_step(runner_options *options, const char *kind, const char *text)
{
  runner_step *steps = realloc(options->steps, ((size_t)options->step_count + 1) * sizeof(*steps));

  if (steps == NULL) {
    runner_say("out of memory");
    return EXIT_FAILURE;
  }
  options->steps = steps;
  steps[options->step_count++] = (runner_step){kind, text};
  return -1;
}

static int set_trace(runner_options *options, const char *format)
{
  if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
    return wrong_value("--trace", format, "text or json");
  if (format || options->trace == NULL)
    options->trace = format ? format : "text";
  return -1;
}

static int set_integer(const char *option, const char *text, double least, double most, const char *expected,
                       long *value)
{
  double number;

  if (!read_number(text, least, most, &number) || number != (double)(long)number)
    return wrong_value(option, text, expected);
  *value = (long)number;
  return -1;
}

static int set_seed(runner_options *options, const char *text)
{
  double seed = 1;

  if (text && (!read_number(text, 0, 9007199254740992.0, &seed) || seed != (double)(uint64_t)seed))
    return wrong_value("--sim", text, "a seed from 0 to 2^53");
  options->sim = true;
  options->has_seed = options->has_seed || text;
  if (!options->has_seeds)
    options->seed = options->last_seed = (uint64_t)seed;
  return -1;
}

/* "N" stands for 1-N. */
static int set_seeds(runner_options *options, const char *text)
{
  unsigned long long first = 1, last;
  char more;

  if (strspn(text, "0123456789-") != strlen(text) ||
      (sscanf(text, "%llu-%llu%c", &first, &last, &more) != 2 &&
       (first = 1, sscanf(text, "%llu%c", &last, &more)) != 1) ||
      first > last || last >= UINT64_MAX)
    return wrong_value("--seeds", text, "a number of seeds, or a range such as 1000-1999");
  options->sim = options->has_seeds = true;
  options->seed = first;
  options->last_seed = last;
  return -1;
}

static int read_option(runner_options *options, int option)
{
  if (option >= FLAG) {
    *((bool *)options + (option - FLAG)) = true;
    return -1;
  }
  if (option >= RULE && option < RULE + RULES)
    return add_step(options, rules[option - RULE], optarg);
  switch (option) {
  case 'e': return add_step(options, "e", optarg);
  case 'l': return add_step(options, "l", optarg);
  case 'i': options->interactive = true; return -1;
  case TRACE: return set_trace(options, optarg);
  case TRACE_DATA: options->trace_data = true; return set_trace(options, NULL);
  case TRACE_TLS: options->trace_tls = true; return set_trace(options, NULL);
  case SIM: return set_seed(options, optarg);
  case SEEDS: return set_seeds(options, optarg);
  case JOBS: return set_integer("--jobs", optarg, 1, 1024, "a number of processes from 1 to 1024", &options->jobs);
  case PAGE:
    options->page = true;
    return optarg ? set_integer("--page", optarg, 0, 65535, "a port from 0 to 65535", &options->page_port) : -1;
  case PAGE_BIND: options->page_ip = optarg; return -1;
  case PCAP: options->pcap = optarg; return -1;
  case TLS_CHECK: options->tls_check = optarg; return -1;
  case ROOT: options->root = runner_with_slashes(optarg); return *optarg ? -1 : wrong_value("--root", "''", "the name of a folder");
  case LFS:
    options->lfs = runner_with_slashes(optarg);
    return runner_is_folder(optarg) ? -1 : wrong_value("--lfs", optarg, "the name of a folder that exists");
  case FRAME_SIZE:
    return set_integer("--frame-size", optarg, 0, 65536, "a number of bytes from 0 to 65536", &options->frame_size);
  case WIFI_DELAY:
    return set_integer("--wifi-delay", optarg, 0, 3600000, "a number of ms from 0 to 3600000", &options->wifi_delay);
  case TIMEOUT:
    if (!read_number(optarg, 0.001, 1e9, &options->timeout))
      return wrong_value("--timeout", optarg, "a number of seconds from 0.001 to 1000000000");
    return -1;
  case 'v': printf("netmcu %s  %s\n", netmcu_version(), LUA_RELEASE); return EXIT_SUCCESS;
  case 'h': printf("%s%s", usage_text, help_text); return EXIT_SUCCESS;
  default: return wrong_usage();
  }
}

static int boot_folder(runner_options *options, const char *folder)
{
  static const char name[] = "/init.lua";

  options->script_in_root = malloc(strlen(folder) + sizeof(name));
  if (options->script_in_root == NULL) {
    runner_say("out of memory");
    return EXIT_FAILURE;
  }
  strcpy(options->script_in_root, folder);
  strcat(options->script_in_root, name);
  if (strcmp(folder, ".") == 0)
    strcpy(options->script_in_root, name + 1);
  if (options->root == NULL)
    options->root = folder;
  options->script = options->script_in_root;
  return -1;
}

static bool has_statement(const runner_options *options)
{
  for (int i = 0; i < options->step_count; i++)
    if (options->steps[i].kind[1] == '\0')
      return true;
  return false;
}

/* "--sim 5 x.lua" */
static bool has_seed_as_script(const runner_options *options)
{
  struct stat status;

  return options->sim && options->first_argument < options->argc && *options->script &&
         strspn(options->script, "0123456789") == strlen(options->script) && stat(options->script, &status) != 0;
}

/* Without a script or anything else to do, the program runs the init.lua of this folder, as a
 * device does at boot. */
static int choose_script(runner_options *options)
{
  struct stat status;

  if (options->test && (options->watch || options->interactive)) {
    runner_say("--test runs files to their end: not with %s", options->watch ? "--watch" : "-i");
    return wrong_usage();
  }
  if (options->test && options->first_argument == options->argc) {
    runner_say("--test: no test files are named");
    return wrong_usage();
  }
  if (options->pcap && (!options->sim || options->test)) {
    runner_say(options->test ? "--pcap records one script: not with --test"
                             : "--pcap needs --sim: the packets of a real network are not seen here");
    return wrong_usage();
  }
#ifdef NETMCU_NO_SIM
  if (options->sim) {
    runner_say("--sim: this build has no simulated network: configure it with -DNETMCU_SIM=ON");
    return EXIT_USAGE;
  }
#endif
  if (options->page_ip && !options->page) {
    runner_say("--page-bind needs --page");
    return wrong_usage();
  }
  if (options->page && options->test) {
    runner_say("--page shows one script: not with --test");
    return wrong_usage();
  }
  if (options->has_seeds && !options->test) {
    runner_say("--seeds runs tests: --test is missing");
    return wrong_usage();
  }
  if (options->has_seeds && options->has_seed) {
    runner_say("--seeds and --sim=SEED name different seeds: leave one of them out");
    return wrong_usage();
  }
  if (options->jobs > 1 && !options->has_seeds) {
    runner_say("--jobs divides seeds: --seeds is missing");
    return wrong_usage();
  }
  if (options->shrink && !(options->test && options->sim)) {
    runner_say("--shrink looks for faults in simulated tests: --test or --sim is missing");
    return wrong_usage();
  }
  if (options->tls_check && options->first_argument < options->argc) {
    runner_say("--tls-check runs no script");
    return wrong_usage();
  }
  for (int i = options->first_argument; options->test && i < options->argc; i++)
    runner_with_slashes(options->argv[i]);
  if (options->test || options->tls_check)
    return -1;
  if (options->first_argument < options->argc) {
    options->script = runner_with_slashes(options->argv[options->first_argument++]);
    if (*options->script == '\0') {
      runner_say("the name of the script is empty");
      return wrong_usage();
    }
    if (has_seed_as_script(options)) {
      runner_say("there is no script %s; a seed is written as --sim=%s", options->script, options->script);
      return wrong_usage();
    }
    if (strcmp(options->script, "-") != 0 && runner_is_folder(options->script))
      return boot_folder(options, options->script);
    return -1;
  }
  if (has_statement(options) || options->globals)
    return -1;
  if (stat("init.lua", &status) == 0 || options->interactive)
    return boot_folder(options, ".");
  runner_say("no script is named, and there is no init.lua in this folder");
  return wrong_usage();
}

int runner_read_options(runner_options *options, int argc, char **argv)
{
  int option;

  *options = (runner_options){.frame_size = -1, .wifi_delay = -1, .jobs = 1, .argc = argc, .argv = argv};
  while ((option = getopt_long(argc, argv, "+e:il:vh", long_options, NULL)) != -1) {
    int status = read_option(options, option);
    if (status >= 0)
      return status;
    options->end_of_options = optind;
  }
  /* getopt takes a lone "-" for the first argument, which is right here */
  options->first_argument = optind;
  options->watch = options->watch && !options->globals && !options->tls_check; /* there are no files to watch */
  return choose_script(options);
}

void runner_free_options(runner_options *options)
{
  free(options->steps);
  free(options->script_in_root);
}
