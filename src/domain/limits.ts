/** Every size, count, rate and time bound of the gateway, each with its unit in its name. Nothing else defines one. */
export const limits = {
  /** An NC program or document. Larger drip-feed programs exist; 1 GiB covers every one seen. */
  fileBytes: 1024 * 1024 * 1024,
  sidecarBytes: 64 * 1024,
  filesPerPackage: 64,
  serialsPerRun: 200,
  runRows: 500,
  residueRows: 2_000,
  /** Newest deliveries of one machine that a program which comes back may be of. */
  deliveriesMatched: 2_000,
  /** Machines that one recall names. */
  holdersPerRecall: 500,
  /** Entries of one pack of evidence. */
  evidenceEntries: 20_000,
  fileNameBytes: 120,
  textChars: 500,
  shortTextChars: 120,
  reasonsPerRejection: 20,
  findingsKept: 100,
  /** Findings of one package that somebody signed may stand: each is in its manifest. */
  waiversPerPackage: 64,
  rolesPerPerson: 16,
  keysPerHolder: 8,
  certificatesPerChain: 4,
  pkcs12Bytes: 64 * 1024,
  /** A passphrase or PIN in a file. */
  secretBytes: 1_024,
  nationalitiesPerPerson: 8,
  coursesPerPerson: 32,
  /** A change of people or rules, signed but not made, is void after this. */
  changeValidityMs: 7 * 24 * 60 * 60 * 1000,
  /** How far the clock of whoever signs a change may be ahead of the gateway's. */
  changeClockMs: 5 * 60 * 1000,
  changesWaiting: 200,
  /** How long a person may take over a passkey, and how many registrations may be begun at once. */
  passkeyCeremonyMs: 5 * 60 * 1000,
  passkeyChallenges: 1_000,
  signaturesPerChange: 4,
  /** Entries about author, approvers and whoever signed for them, that one release rests on. */
  peopleEntriesPerRelease: 1_000,
  /** Of them, how many verified ones are held in memory: some 3 kB each. */
  peopleEntriesRemembered: 4_000,
  groupsPerMachine: 16,
  countriesPerAuthorization: 64,
  partiesPerAuthorization: 64,
  partiesPerList: 200,
  provisosPerAuthorization: 20,
  /** How long what two people set aside may stay so. */
  breakGlassHours: 8,

  /** Keys and certificates of one kind that a trust root lists, ever. */
  trustEntries: 64,
  /** Administrators whose signatures a version of the trust root may ask for. */
  trustThreshold: 16,
  /** Signatures in one trust file: administrators of the version before, and of its own. */
  trustSignatures: 32,
  /** Of the RFC 8785 form of a trust file, which one event holds whole. */
  trustFileBytes: 50_000,
  /** From its making to its end: administrators have to look at the keys again some day. */
  trustLifetimeMs: 3 * 366 * 24 * 60 * 60 * 1000,

  /** Bodies above this are refused before hashing; a leaf bundle entry may hold 65,535 bytes (C2SP tlog-tiles). */
  eventBodyBytes: 60_000,
  /** A checkpoint with the cosignatures of every witness that there may be. */
  noteChars: 8_000,
  /** One detached signature: certificates, attributes, and nothing of the content. */
  signatureBytes: 64 * 1024,
  publicKeysRemembered: 1_000,
  certificatePath: 6,
  revocationListBytes: 16 * 1024 * 1024,
  batchEntries: 256,
  spaceReserveBytes: 16 * 1024 * 1024,
  spaceLookMs: 200,
  /** Of a database's write-ahead log before it is copied back: 16 MB. */
  walPages: 4_000,
  sqliteCacheKiB: { open: 8 * 1024, rebuilt: 32 * 1024 },
  /** Compiled and kept for one connection: more than there are queries. */
  sqliteStatements: 300,
  /** The catalogue commits what it folded after so many entries or so long, whichever comes first. */
  catalogCommitEntries: 2_000,
  catalogCommitMs: 200,
  /** It looks up after so many whether somebody waits for it. */
  catalogFoldEntries: 5_000,
  /** While nobody does, it rests so long between batches, unless so many entries came meanwhile. */
  catalogRestMs: 20,
  catalogRestEntries: 500,
  /** One thread reads entries for another to fold, so many at once and so many times ahead: a few megabytes. */
  entriesPerPiece: 1_000,
  /** Entries that one question to the database brings at once. */
  entriesPerRead: 256,
  piecesAhead: 3,
  /** A start folds as many entries as this in a fraction of a second. */
  summaryEntries: 20_000,
  /** What is worth a thread of its own when a ledger is verified. */
  verifyPartEntries: 20_000,
  checkpointIntervalMs: 250,
  checkpointRetryMs: 1_000,
  /** What the disk of the anchor gets to answer before a checkpoint is published without it. */
  anchorMs: 5_000,
  /** A machine that was just registered waits this long for a checkpoint over it. */
  checkpointWaitMs: 1_000,
  /** A clean stop waits this long for a checkpoint over all that there is. */
  lastCheckpointMs: 2_000,
  releaseRetryMs: 1_000,
  intakeRetryMs: 5_000,
  saltBytes: 16,

  /** What one witness gets to answer before it counts as down for this checkpoint. */
  witnessAnswerMs: 5_000,
  /** Starting waits this long for the checkpoints that the witnesses hold. */
  witnessStartMs: 5_000,
  witnessAnswerBytes: 16 * 1024,
  /** Checkpoints may follow one another faster; witnesses are asked for the newest this often. */
  witnessIntervalMs: 1_000,
  witnessRetryMs: 1_000,
  witnessRetryMaxMs: 30_000,
  witnesses: 16,
  /** On the witness' side. */
  witnessRequestBytes: 16 * 1024,
  witnessRequestMs: 10_000,
  witnessConnections: 64,
  witnessLogs: 64,

  /** An answer of a timestamping authority, with the certificates of its path. */
  timestampBytes: 32 * 1024,
  timestampAnswerMs: 10_000,
  /** How far the time that an authority says may lie from our clock, or before the entries that it stamps. */
  timestampClockMs: 5 * 60 * 1000,
  timestampMinutes: 60,
  timestampMaxMinutes: 7 * 24 * 60,
  /** After a failure it is asked again so soon, then in double the time, up to the interval. */
  timestampRetryMs: 60 * 1000,
  /** RFC 3161 asks for at least 64 bits. */
  timestampNonceBytes: 16,

  /** Leaves that the signer is shown at once, and bodies of entries about people with them. */
  signerFeedLeaves: 2_048,
  signerFeedBodies: 32,
  signerFeedTries: 5,
  signerFeedLookMs: 5_000,
  /** So far behind, it is fed although entries are being appended. */
  signerFeedEntries: 200_000,

  signerAnswerMs: 5_000,
  signerPingMs: 1_000,
  signerStaleMs: 3_000,
  doorAnswerMs: 10_000,
  /** How often what is under way is decided again without a change: statuses end with a day. */
  openReviewMs: 1_000,
  alarmLookMs: 1_000,
  /** argon2id (RFC 9106 4, second recommended choice scaled to a login of some 50 ms). */
  passwordMemoryKib: 19_456,
  passwordPasses: 2,
  passwordsAtOnce: 2,
  /** NIST SP 800-63B 5.1.1.2 asks for 8 of people; a control types its own. */
  passwordLeastChars: 12,
  /** For so long, and for so many machines, a password that fitted is known again without argon2id. */
  passwordKnownMs: 15 * 60_000,
  passwordsKnown: 2_000,
  passwordMostChars: 128,
  doorPathBytes: 1_024,
  rangesPerFile: 1_024,
  childRestartMs: 500,
  childRestartMaxMs: 2_000,
  shutdownGraceMs: 10_000,

  /** NIST SP 800-63B-4 3.1.1.2 asks for 15 of a password that stands alone. */
  signInPasswordLeastChars: 15,
  signInPasswordMostChars: 256,
  pinLeastDigits: 6,
  /** Sign-ins that wait for their turn to be checked: each takes time and memory. */
  signInsWaiting: 32,
  /** Failures in a row before an account, or an address, has to wait; the wait doubles up to the longest. */
  signInFailuresPerAccount: 5,
  signInFailuresPerAddress: 20,
  signInWaitMs: 30_000,
  signInWaitMaxMs: 15 * 60 * 1000,
  /** After so many an account is locked until it is invited again (NIST SP 800-63B-4 3.2.2). */
  signInFailuresInAll: 100,
  signInFailuresRememberedMs: 24 * 60 * 60 * 1000,
  signInNamesRemembered: 10_000,
  /** From asking for a challenge to its answer. */
  signInAttemptMs: 10 * 60 * 1000,
  setupLinkMs: 24 * 60 * 60 * 1000,
  sessionIdleMinutes: 15,
  sessionIdleMaxMinutes: 60,
  sessionHours: 12,
  sessionMaxHours: 24,
  /** At a machine, where others stand around. */
  badgeSessionIdleMs: 5 * 60 * 1000,
  /** How long an act that wants the person there may follow their signing in. */
  freshSignInMs: 5 * 60 * 1000,
  sessionsPerPerson: 16,
  /** That a session is in use is written down at most so often. */
  sessionSeenMs: 60_000,
  apiKeysPerPerson: 16,
  apiKeyDays: 366,
  revocationLists: 64,
  oidcAnswerMs: 10_000,
  /** What the company's directory proposed and nobody has turned into a person yet. */
  provisionedUsers: 2_000,
  scimRows: 100,

  siteRanges: 1_000,
  httpBodyBytes: 256 * 1024,
  httpHeaderBytes: 16 * 1024,
  httpRequestMs: 30_000,
  /** An upload of fileBytes at 10 MB/s fits. */
  httpUploadMs: 120_000,
  httpPageRows: 500,
  /** Rows that one page of a list looks at, where many of them are not for whoever asks. */
  listRowsLookedAt: 2_000,
  keptBackLookedAt: 300,
  /** Of one job: what is released and what waits. */
  packagesPerJob: 20,
  /** Of the page of one package: what happened to it, and the newest of its deliveries. */
  timelineRows: 400,
  pageDeliveries: 100,
  releasesPerHold: 50,
  problemsOpen: 1_000,
  legalHolds: 200,
  /** Releases and ledger entries that one trace leads to. */
  tracedReleases: 50,
  /** What one release is exposed by: deliveries and runs. */
  exposureRows: 5_000,
  /** An answer to an act that came with an Idempotency-Key is kept so long. */
  answersKeptMs: 24 * 60 * 60 * 1000,
  webhooks: 32,
  webhookTargets: 32,
  /** What listens gets so long to answer; then it is asked again after a while, and put aside after so many attempts. */
  webhookAnswerMs: 10_000,
  webhookRetryMs: 1_000,
  webhookRetryMaxMs: 3_600_000,
  webhookAttempts: 16,
  webhookAlarmAttempts: 4,
  /** Ledger entries looked at together for one webhook. */
  webhookEntries: 500,
  /** What one search shows, and looks at: rows of each kind may be of packages that are not for whoever asks. */
  searchHits: 60,
  searchHitsPerKind: 10,
  searchRowsPerKind: 40,
  /** Open screens that hear of news: of one person, and of all. */
  eventStreamsPerAsker: 8,
  eventStreams: 256,
  /** What may wait for a screen that reads slowly before it is let go. */
  eventBufferBytes: 256 * 1024,
  /** Whoever missed more than this is told to look anew. */
  eventsBehind: 2_000,
  eventRetryMs: 1_000,
  eventLookMs: 1_000,
  /** A comment keeps the connection alive every so many looks. */
  eventLooksPerBeat: 15,
  /** Differences and toolpaths for screens: waiting at once, made so long, and remembered together. */
  programTasks: 32,
  programTaskMs: 60_000,
  programTasksBytes: 192 * 1024 * 1024,
  requestSignatureAgeSeconds: 300,
  uploadSessions: 32,
  uploadIdleMs: 600_000,

  /** How often `ledger tail --follow` looks for new entries. */
  tailPollMs: 250,

  sftpLoginGraceMs: 20_000,
  sftpAuthAttempts: 6,
  doorProcesses: 64,
  /** Of one door process, as all of these are. */
  sftpSessions: 2_000,
  sftpUnauthenticated: 64,
  sftpHandlesPerSession: 64,
  sftpReadBytes: 255 * 1024,
  sftpKeepaliveMs: 30_000,
  /** RFC 4253 9: new keys after each gigabyte and each hour; looked at so often. */
  sftpRekeyBytes: 1024 * 1024 * 1024,
  sftpRekeyMs: 3_600_000,
  sftpRekeyLookMs: 1_000,
  /** How long at most a session outlives the certificate that it came in by. */
  sftpCertificateReviewMs: 30_000,
  /** One rogue address may not take every place before the login. */
  sftpUnauthenticatedPerAddress: 32,
  sftpChannelsPerConnection: 10,
  /** One request packet: a WRITE of the size that is announced, and what stands before its data. */
  sftpRequestBytes: 256 * 1024,
  sftpWriteBytes: 255 * 1024,
  /** Bytes that wait to be written for one machine before its channel is read on. */
  sftpWriteBufferBytes: 1024 * 1024,
  /** Announced to clients that ask (limits@openssh.com): half a blob chunk, so that reads fall on chunk borders. */
  sftpPreferredReadBytes: 128 * 1024,
  sftpRequestsAtOnce: 8,
  sftpRequestsWaiting: 64,
  /** Encrypted bytes that wait for a slow machine's socket before its next reply is made. */
  sftpSendBufferBytes: 1024 * 1024,
  /** Of the names in one reply; a client takes packets of 34,000 bytes at least. */
  sftpNamesBytes: 30_000,
  /** An orphan of a killed gateway may hold the port a little longer. */
  doorListenRetryMs: 5_000,
  /** Below shutdownGraceMs, after which the supervisor kills. */
  sftpDrainMs: 8_000,

  ftpLoginGraceMs: 30_000,
  ftpLoginAttempts: 3,
  /** The first pause of an address whose login failed; it doubles up to the longest. */
  ftpLoginPauseMs: 500,
  ftpLoginPauseMaxMs: 30_000,
  ftpThrottledAddresses: 10_000,
  ftpSessions: 500,
  ftpUnauthenticated: 64,
  ftpUnauthenticatedPerAddress: 8,
  ftpIdleMs: 300_000,
  /** Making a data connection, and each stall of one. */
  ftpDataMs: 30_000,
  /** A machine that was said goodbye to and does not close its end is gone. */
  ftpGoodbyeMs: 2_000,
  /** What the system holds of the last bytes for a slow machine shows no progress while they go out. */
  ftpLastBytesMs: 120_000,
  ftpDrainMs: 8_000,
  /** A client that dies closes its data connection as one that is done does, and its control connection within this. */
  ftpGoneMs: 50,
  ftpLineBytes: 2_048,
  ftpCommandsWaiting: 32,

  serialLines: 64,
  /** Characters on their way at once, at most; see SerialLine.burst. */
  serialBurst: 64,
  /** Bytes between two looks at how far a sending is: whole XMODEM blocks. */
  serialPartBytes: 512,
  /** How long a control may take until it is ready for what was sent to it. */
  serialReadyMs: 900_000,
  /** An XON that a control said before it was sent anything counts so long. */
  serialXonMs: 300_000,
  serialFarewellMs: 1_000,
  /** NULs behind the last `%` that a control does not take any more are not waited for longer. */
  serialTrailerMs: 2_000,
  /** So many characters that mean nothing, in so long, are no noise: the control is sending. */
  serialNoiseBytes: 16,
  serialNoiseMs: 10_000,
  serialReceivedBytes: 8 * 1024 * 1024,
  /** A program that stops coming without its end is broken off; one that has its last `%` is whole after the shorter. */
  serialSilenceMs: 30_000,
  serialQuietMs: 500,
  /** What may be a request and not a program. */
  serialRequestBytes: 256,
  serialConnectMs: 10_000,
  serialReopenMs: 1_000,
  serialReopenMaxMs: 30_000,
  serialDrainMs: 8_000,
  serialProgressMs: 250,
  xmodemRetries: 10,
  /** Before a block is sent again. */
  xmodemQuietMs: 500,
  xmodemAnswerMs: 60_000,
  /** Sendings that are over and can still be asked about. */
  sendingsRemembered: 1_000,

  /** The longest time between two readbacks by schedule: a year. */
  readBackMaxHours: 8_760,
  certificateChars: 4_000,
  /** Reaching the far side of a push, and each of its answers. */
  pushAnswerMs: 30_000,
  /** One push, one readback of a folder: beyond it the door is taken for hung. */
  pushWorkMs: 3_600_000,
  /** A push that failed is tried again so soon, then in double the time, up to the longest, until it is given up. */
  pushRetryMs: 5_000,
  pushRetryMaxMs: 600_000,
  pushGiveUpMs: 24 * 60 * 60 * 1000,
  /** A program that has not arrived after so long raises an alarm. */
  pushLateMs: 300_000,
  pushesAtOnce: 16,
  pushLookMs: 1_000,
  pushDrainMs: 8_000,
  /** Names in one folder of the far side that are read; a fuller one is refused. */
  pushFolderEntries: 20_000,
  pushListingBytes: 8 * 1024 * 1024,
  pushSecrets: 500,
  pushFolders: 64,
  /** Bytes that one push writes at a time. */
  pushPartBytes: 256 * 1024,
  /** Digests that may be replaced under one name: what was sent there before. */
  pushReplaceable: 64,
  /** How often a folder is looked into while its machine may hold something that was recalled, or after that failed. */
  readBackAgainMs: 3_600_000,
  monitors: 256,
  /** One document of an agent; NIST's own stream of a morning has 2 MB. */
  monitorDocumentBytes: 16 * 1024 * 1024,
  monitorXmlDepth: 40,
  /** An answer, and each silence of a stream. */
  monitorAnswerMs: 30_000,
  monitorRetryMs: 1_000,
  monitorRetryMaxMs: 60_000,
  /** How often an agent says what has changed, and how much at once. */
  monitorIntervalMs: 1_000,
  monitorCount: 1_000,
  /** What has not changed is said again so often: what was delivered may have. */
  monitorRepeatMs: 10_000,
  /** An agent that is away for so long raises an alarm. */
  monitorLateMs: 120_000,

  /** Programs on one stick, and whatever else it comes back with. */
  filesPerMedia: 100,
  mediaDays: 14,
  mediaMaxDays: 365,

  /** One verified chunk of a blob: read and checked as a unit. */
  blobChunkBytes: 256 * 1024,
  /** Files that machines may be sending back at once, all of them and one machine, and what these may hold together. */
  arrivals: 64,
  arrivalsPerMachine: 8,
  arrivalBytes: 4 * 1024 * 1024 * 1024,
  /** Hashing the largest file and making it durable, while its door waits. */
  arrivalAnswerMs: 120_000,
  /** One program that came back is read beside what was delivered so long. */
  readbackMs: 60_000,
  /** How long, and how many of them, from-machine/ shows what was sent. */
  arrivalsShownMs: 7 * 24 * 60 * 60 * 1000,
  arrivalsShown: 500,
  refusalRepeatMs: 60_000,
  refusalsRemembered: 10_000,
  refusalFlushMs: 5_000,
  /** A list that is asked for again and shows the same is counted in one event an hour. */
  listingRepeatMs: 3_600_000,
  /** Things asked for that one event of repeats names. */
  askedKept: 20,
  /** Blobs up to this are held whole in memory while open, as far as blobHeldBytes of one process reach. */
  blobHeldFileBytes: 4 * 1024 * 1024,
  blobHeldBytes: 256 * 1024 * 1024,
  /** Chunk MACs that one process remembers: 16 bytes for each blobChunkBytes, so 256 GiB of blobs. */
  blobTableBytes: 16 * 1024 * 1024,
  /** Memory for chunks that one process keeps to use again. */
  blobPoolBytes: 16 * 1024 * 1024,
  policyFiles: 64,
  policyFileBytes: 256 * 1024,
  /** The facts of one decision, as they stand in its event. */
  factsChars: 8_000,
  /** Equal facts have equal answers, so that a list of programs costs one decision each, once. */
  decisionsRemembered: 50_000,
  /** Rules that are tried on the past: so much of them, so many decisions, rows shown and so long. */
  whatIfFileChars: 64 * 1024,
  whatIfDecisions: 100_000,
  whatIfRows: 200,
  whatIfMs: 30_000,
  whatIfHeapMb: 512,
  /** The routes file is recorded whole in one event. */
  routesChars: 20_000,
  approvalsPerRelease: 16,
  /** Entries of control lists, owners and authorisations that one label names. */
  controlsPerLabel: 32,
  /** Lines that inspection names for one rule in one file; the rest are counted. */
  findingsPerRule: 10,
  /** The block buffer of older FANUC controls. */
  ncLineBytes: 256,
  /** A longer line is no block of any control: its rest is one unrecognised token. */
  ncLineReadBytes: 64 * 1024,
  /** Brackets in brackets. */
  ncExpressionDepth: 60,
  /** Blocks that the path of one program executes, loops and subprograms included. */
  ncPathSteps: 5_000_000,
  /** Segments of one path: 50 bytes each, 75 with rotary axes. */
  ncPathSegments: 4_000_000,
  /** Chords of one arc, and pecks of one hole. */
  ncPathPieces: 100_000,
  /** Subprograms within subprograms, and loops within them; controls allow 4 to 20. */
  ncPathDepth: 32,
  /** Variables that one run of a program gives a value. */
  ncPathVariables: 100_000,
  /** Different things that are not interpreted, named for one path, with so many of their lines. */
  ncPathNotes: 300,
  ncPathNoteLines: 20,
  /** Operators of one expression. */
  ncExpressionTerms: 500,
  /** Labels of one program that jumps are checked against. */
  ncLabels: 20_000,
  /** The facts of all programs of a deposit in its event, beside 100 findings. */
  ncFactsBytes: 24_000,
  /** Distinct tools, calls and O-numbers kept of one program. */
  factsPerProgram: 300,
  /** Programs up to this are run without a machine to estimate their time, and so many of their blocks. */
  ncEstimateBytes: 32 * 1024 * 1024,
  ncEstimateSteps: 1_500_000,
  /** One deposit is inspected so long, by a thread that holds so much beside the files; then it is refused. */
  inspectionMs: 60_000,
  inspectionHeapMb: 512,
  /** Deposited programs up to this are inspected whole, run and compared; larger ones are streamed, in chunks of so much. */
  inspectWholeBytes: 32 * 1024 * 1024,
  inspectChunkBytes: 256 * 1024,
  /** What a command reads of one file. */
  inspectBytes: 256 * 1024 * 1024,

  dropSettleMs: 1_000,
  dropOrphanMs: 10_000,
  dropRescanMs: 2_000,
  /** Events of one burst of writing start one scan. */
  dropHintMs: 100,
  dropRetryMs: 1_000,
  dropRetryMaxMs: 60_000,
  /** Drop-folder entries looked at together. */
  dropStatsAtOnce: 32,
  configBytes: 64 * 1024,
  httpKeepAliveMs: 10_000,
  /** Sockets of the HTTP door at once; one process of ours may open a thousand files by default. */
  httpConnections: 512,
  /** What our own client reads of one JSON answer. */
  httpAnswerBytes: 64 * 1024 * 1024,
  uploadSessionsPerAsker: 8,
  /** Signed requests of one key within twice requestSignatureAgeSeconds: 33 a second. */
  requestNoncesPerKey: 20_000,

  /** Files that one `keyway nc` command reads. */
  ncCliFiles: 5_000,
  /** Tool changes that a difference tells apart; a real program has some hundred. */
  ncToolChanges: 1_000,
  /** Hunks of a difference that are listed; the rest are counted. */
  ncHunks: 500,
  /** A longer line of an NC program enters the canonical form as it is. */
  canonicalLineBytes: 64 * 1024,
  /** Before and behind a program, as a tape had them. */
  leaderNuls: 1_000,
  /** Text before the first `%` that a control skips, at most. */
  canonicalLeaderBytes: 1024,
} as const;
