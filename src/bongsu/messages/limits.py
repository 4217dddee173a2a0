"""Every size that bounds a message: Slack's limits, and our own budget that stays far below them.

Lengths are characters (code points) after escaping. Slack's documentation: https://docs.slack.dev/reference/block-kit
"""

# Slack, the whole message.
MESSAGE_BLOCKS = 50  # docs, /blocks; counted per list of blocks
MESSAGE_ATTACHMENTS = 100  # docs, chat.postMessage: too_many_attachments
MESSAGE_TEXT = 40_000  # docs, chat.postMessage: longer texts are cut
SINGLE_MESSAGE_TEXT = 4_040  # reported: 4 041 characters arrive as two messages
BLOCKS_TEXT = 12_000  # msg_blocks_too_long, undocumented; a maintainer's word in slackapi/bolt-js#2509
BLOCK_WEIGHT = 20  # of each further block, fitted: 9 597 in 50 blocks passed, 11 341 in 45 did not (bolt-js#2867)

# Slack, one block.
BLOCK_ID = 255
HEADER_TEXT = 150
SECTION_TEXT = 3_000
SECTION_FIELDS = 10
FIELD_TEXT = 2_000
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
MARKDOWN_TEXT = 12_000
TABLE_ROWS = 100
TABLE_CELLS = 20
TABLE_TEXT = 10_000  # of all its cells together
TABLES = 1  # in a message; not documented, told by netclaw-dev/netclaw#55, vercel/chat#194, openclaw/openclaw#57717
DATA_TABLE_ROWS = 201  # docs, data-table-block, once said 101; where sources differ, the larger stands here
DATA_TABLE_TEXT = 20_000
DATA_TABLE_PAGE = 100
CHART_TITLE = 50  # of the axes too
CHART_LABEL = 20
CHART_SERIES = 12  # and segments of a pie
CHART_POINTS = 20
CHARTS = 2  # in a message
CARD_TITLE = 150  # docs, card-block; the subtitle too, and both of a container
CARD_BODY = 200
CARD_ACTIONS = 3
CAROUSEL_CARDS = 10
CONTAINER_BLOCKS = 10
CONTEXT_ACTIONS = 5
INPUT_LABEL = 2_000  # the hint too
PLAN_TASKS = 50
URL = 3_000
IMAGE_ALT_TEXT = 2_000
IMAGE_TITLE = 2_000
VIDEO_TITLE = 199  # docs, video-block: less than 200
VIDEO_AUTHOR = 49  # docs, video-block: less than 50
VIDEO_DESCRIPTION = 199
LIST_INDENT = 8

# Slack, one element.
ACTION_ID = 255
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
ACCESSIBILITY_LABEL = 75
AGENT_PROMPT = 4_000
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150
OVERFLOW_OPTIONS = 5
CHOICE_OPTIONS = 10  # radio buttons and checkboxes
PLACEHOLDER = 150

# Ours, the whole message (DESIGN §7).
BUDGET_TEXT = 300  # what a phone and a screen reader show
BUDGET_BLOCKS = 12  # those inside attachments included
BUDGET_CHARACTERS = 8_000  # of all blocks together
BUDGET_STACK = 2_500
BUDGET_PLAIN = 3_500  # the re-send without layout: one message, with air below SINGLE_MESSAGE_TEXT
REPLY_TEXT = 600
MENTION = 40  # `<!subteam^S…> ` with an id of twice the usual length
FULL_STACK = 200_000  # the file in the thread: 100 exceptions of 50 frames fit; nobody reads more
TRAIL_LINE = 400  # in that file: time, level, logger and the message of one log line

# Ours, the parts. Together they stay within the budget whatever the data says; the tests prove it.
TITLE = 250
LINK = 500  # an address: a query of two filters on a dashboard takes 300
ENVIRONMENT = 40
APP = 40
FACT = 160  # one value of the card: enough for a path of 150 characters
REQUEST_ID = 100
REQUEST_IDS = 3
TAGS = 6  # name=value lines of REQUEST_ID characters each; all of them are in the thread's file
REASON = 300
NOTE = 300
NOTES = 5
RECORD_TEXT = 2_500
STACK_LINE = 160  # a source line or a location; a phone wraps at about 50
STACK_MESSAGE = 500  # of one exception, inside the stack
STACK_EXCEPTIONS = 5
DIGEST_ENTRIES = 5
DIGEST_TITLE = 200
SUMMARY_ROWS = 5  # of each list; the fullest summary has 7 100 characters with its notes
SUMMARY_TITLE = 90
SUMMARY_PLACE = 50
SUMMARY_NAME = 30
CAUSE = 120  # with the words around it, within the 200 characters that a phone shows of a digest

# Ours, a card of one's own: all of it together stays below the 9 597 characters in 50 blocks that Slack took.
OWN_CHARACTERS = 8_000  # addresses and alternative texts included, since nobody knows whether Slack counts them
OWN_BLOCKS = 48  # the title and the note on what was left out make 50
OWN_TITLE = 130  # Slack's limits less room: a mask that was cut is made whole by the scrubbing of what is sent
OWN_LABEL = 60
OWN_SECTION = 2_900
OWN_BLOCK = 4_000  # of fields, buttons and context that stand in one block
OWN_FIELD = 500
OWN_FIELD_NAME = 100
OWN_CODE = 3_000
OWN_ALT_TEXT = 200
OWN_TABLE_TEXT = 3_000
OWN_TABLE_CELLS = 320  # each is 110 bytes of JSON around its text, and PAYLOAD_BYTES_MAX holds them beside all the rest
OWN_TABLE_CELL = 200

# Ours, the judge.
JUDGED_PROBLEMS = 20  # a person mends the first few; the rest is noise
PAYLOAD_DEPTH = 40  # Slack's deepest layout, a list in rich text in an attachment, is 10 deep
JUDGED_VALUES = 50_000  # Slack's 50 blocks and 100 attachments hold far fewer
