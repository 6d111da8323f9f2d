/* ICMP echo without a network. See fake_echo.h. */
#include "base/task.h"
#include "fake_echo.h"
#include "loop.h"
#include "stack/stack.h"

#define REQUESTS 16

typedef struct request {
  netmcu_address to;
  uint16_t sequence;
  uint8_t payload[NETMCU__ECHO_PAYLOAD];
  bool has_reply;
  uint64_t arrived;
} request;

struct netmcu__stack_echo {
  netmcu__echo_user *user;
  netmcu__task turn; /* delivers what has arrived, and reports the close */
  bool is_receiving, is_closed;
};

static netmcu__stack_echo *open_one;
static request requests[REQUESTS];
static unsigned sent;
static int open_error;
static bool is_busy;

static void receive(netmcu__stack_echo *echo)
{
  netmcu__stack *stack = echo->user->stack;
  for (unsigned i = 0; i < sent && !echo->is_closed; i++) {
    request *r = &requests[i];
    if (!r->has_reply)
      continue;
    r->has_reply = false;
    echo->user->events->replied(echo, &r->to, r->sequence, r->payload, netmcu__time(stack) - r->arrived);
  }
}

static void run_turn(netmcu__task *task)
{
  netmcu__stack_echo *echo = netmcu__container(task, netmcu__stack_echo, turn);
  netmcu_t *ctx = echo->user->stack->ctx;
  if (echo->is_closed) {
    echo->user->events->closed(echo);
    netmcu__handle_closed(ctx);
  } else if (echo->is_receiving && !is_busy) {
    receive(echo);
  }
}

static int open_echo(netmcu__echo_user *user, netmcu__stack_echo *echo, netmcu_family family)
{
  (void)family;
  int error = open_error;
  open_error = 0;
  if (error)
    return error;
  netmcu__handle_opened(user->stack->ctx);
  echo->user = user;
  echo->turn.run = run_turn;
  open_one = echo;
  return 0;
}

static void start(netmcu__stack_echo *echo)
{
  echo->is_receiving = true;
}

static void stop_echo(netmcu__stack_echo *echo)
{
  echo->is_receiving = false;
}

static void send_request(netmcu__stack_echo *echo, const netmcu_address *to, uint16_t sequence, const uint8_t *payload)
{
  request *r = &requests[sent++];
  (void)echo;
  assert_between(sent, 1, REQUESTS);
  r->to = *to;
  r->sequence = sequence;
  memcpy(r->payload, payload, sizeof r->payload);
}

static void close_echo(netmcu__stack_echo *echo)
{
  echo->is_closed = true;
  open_one = NULL;
  netmcu__task_post(echo->user->stack->ctx, &echo->turn);
}

void fake_echo_begin(netmcu_t *ctx)
{
  static const netmcu__echo_operations operations = {.size = sizeof(netmcu__stack_echo),
                                                     .open = open_echo,
                                                     .start = start,
                                                     .stop = stop_echo,
                                                     .receive = receive,
                                                     .send = send_request,
                                                     .close = close_echo};
  netmcu__stack_of(ctx)->echo = &operations;
  memset(requests, 0, sizeof requests);
  open_one = NULL;
  sent = 0;
  open_error = 0;
  is_busy = false;
}

void fake_echo_fail_open(int error)
{
  open_error = error;
}

unsigned fake_echo_requests(void)
{
  return sent;
}

void fake_echo_reply(unsigned number)
{
  netmcu__stack *stack = open_one->user->stack;
  assert_between(number, 0, sent - 1);
  requests[number].has_reply = true;
  requests[number].arrived = netmcu__time(stack);
  netmcu__task_post(stack->ctx, &open_one->turn);
}

void fake_echo_keep_loop_busy(bool busy)
{
  is_busy = busy;
}

bool fake_echo_is_receiving(void)
{
  return open_one && open_one->is_receiving;
}
