-- The state of the release at commit eb77102 after a kill, as `sqlite3 .dump` prints it; see record.py beside this.
CREATE TABLE application_versions (
    version_id TEXT NOT NULL PRIMARY KEY,
    version_name TEXT NOT NULL UNIQUE,
    version_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL);
INSERT INTO "application_versions" VALUES('45c150d2-f1c3-402b-85b1-9596d57d8011','1',1796067308000,1796067308000,'migsafe');
CREATE TABLE dbos_migrations (version INTEGER NOT NULL PRIMARY KEY);
INSERT INTO "dbos_migrations" VALUES(125);
CREATE TABLE migsafe_acknowledgements (
	id INTEGER NOT NULL, 
	repository_id BIGINT NOT NULL, 
	number INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	item TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	said_by TEXT NOT NULL, 
	said_at TEXT NOT NULL, 
	revoked_by TEXT, 
	revoked_at TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "migsafe_acknowledgements" VALUES(1,730000001,2,'allow','set-not-null-without-check','at night','945e2afcee874ae6a396','mia','2026-11-30T19:35:10Z',NULL,NULL);
CREATE TABLE notifications (
    message_uuid TEXT NOT NULL DEFAULT (hex(randomblob(16))) PRIMARY KEY,
    destination_uuid TEXT NOT NULL,
    topic TEXT,
    message TEXT NOT NULL,
    created_at_epoch_ms INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000), "serialization" TEXT DEFAULT NULL, "consumed" BOOLEAN NOT NULL DEFAULT FALSE, consumed_by_function_id INTEGER,
    FOREIGN KEY (destination_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE "operation_outputs" (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    function_name TEXT NOT NULL DEFAULT '',
    output TEXT,
    error TEXT,
    child_workflow_id TEXT,
    started_at_epoch_ms INTEGER,
    completed_at_epoch_ms INTEGER,
    serialization TEXT,
    application_name TEXT DEFAULT NULL,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    PRIMARY KEY (workflow_uuid, function_id)
);
INSERT INTO "operation_outputs" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116',1,'announce','null',NULL,NULL,1796067308462,1796067308541,'portable_json','migsafe',1796067308000);
INSERT INTO "operation_outputs" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116',2,'turn',NULL,NULL,'push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/turn',1796067308546,1796067308548,NULL,'migsafe',1796067308000);
INSERT INTO "operation_outputs" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830',1,'announce','null',NULL,NULL,1796067308459,1796067308562,'portable_json','migsafe',1796067308000);
INSERT INTO "operation_outputs" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830',2,'turn',NULL,NULL,'push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/turn',1796067308566,1796067308568,NULL,'migsafe',1796067308000);
INSERT INTO "operation_outputs" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda',1,'announce','null',NULL,NULL,1796067308464,1796067308574,'portable_json','migsafe',1796067308000);
INSERT INTO "operation_outputs" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda',2,'turn',NULL,NULL,'push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/turn',1796067308575,1796067308576,NULL,'migsafe',1796067308000);
INSERT INTO "operation_outputs" VALUES('sweep:start-763617366274413bb8f477df31045078',1,'swept','"nothing missed"',NULL,NULL,1796067308460,1796067308595,'portable_json','migsafe',1796067308000);
INSERT INTO "operation_outputs" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/turn',1,'newer','false',NULL,NULL,1796067308716,1796067308726,'portable_json','migsafe',1796067308000);
INSERT INTO "operation_outputs" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/turn',1,'newer','false',NULL,NULL,1796067308719,1796067308727,'portable_json','migsafe',1796067308000);
INSERT INTO "operation_outputs" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/turn',1,'newer','false',NULL,NULL,1796067308721,1796067308728,'portable_json','migsafe',1796067308000);
INSERT INTO "operation_outputs" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/turn',2,'run',NULL,NULL,'push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/run',1796067308727,1796067308730,NULL,'migsafe',1796067308000);
INSERT INTO "operation_outputs" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/turn',2,'run',NULL,NULL,'push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/run',1796067308729,1796067308732,NULL,'migsafe',1796067308000);
INSERT INTO "operation_outputs" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/turn',2,'run',NULL,NULL,'push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/run',1796067308729,1796067308733,NULL,'migsafe',1796067308000);
INSERT INTO "operation_outputs" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/run',1,'attempt','{"end":"success"}',NULL,NULL,1796067308982,1796067310277,'portable_json','migsafe',1796067310000);
INSERT INTO "operation_outputs" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/run',1,'attempt','{"end":"failure"}',NULL,NULL,1796067308981,1796067310374,'portable_json','migsafe',1796067310000);
INSERT INTO "operation_outputs" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/turn',3,'DBOS.getResult','"failure"',NULL,'push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/run',1796067308734,1796067310450,'portable_json','migsafe',1796067310000);
INSERT INTO "operation_outputs" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/turn',3,'DBOS.getResult','"success"',NULL,'push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/run',1796067308734,1796067310452,'portable_json','migsafe',1796067310000);
INSERT INTO "operation_outputs" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/run',1,'attempt','{"end":"failure"}',NULL,NULL,1796067308980,1796067310461,'portable_json','migsafe',1796067310000);
INSERT INTO "operation_outputs" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f',1,'announce','null',NULL,NULL,1796067310598,1796067310604,'portable_json','migsafe',1796067310000);
INSERT INTO "operation_outputs" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f',2,'turn',NULL,NULL,'command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/turn',1796067310605,1796067310607,NULL,'migsafe',1796067310000);
INSERT INTO "operation_outputs" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/turn',3,'DBOS.getResult','"failure"',NULL,'push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/run',1796067308731,1796067310651,'portable_json','migsafe',1796067310000);
INSERT INTO "operation_outputs" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/turn',1,'newer','false',NULL,NULL,1796067310813,1796067310814,'portable_json','migsafe',1796067310000);
INSERT INTO "operation_outputs" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/turn',2,'run',NULL,NULL,'command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/run',1796067310815,1796067310816,NULL,'migsafe',1796067310000);
INSERT INTO "operation_outputs" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/run',1,'attempt','{"end":"allow"}',NULL,NULL,1796067310840,1796067311044,'portable_json','migsafe',1796067311000);
INSERT INTO "operation_outputs" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/turn',3,'DBOS.getResult','"allow"',NULL,'command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/run',1796067310817,1796067311224,'portable_json','migsafe',1796067311000);
INSERT INTO "operation_outputs" VALUES('push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e',1,'announce','null',NULL,NULL,1796067312168,1796067312260,'portable_json','migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e',2,'turn',NULL,NULL,'push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e/turn',1796067312266,1796067312269,NULL,'migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d',1,'announce','null',NULL,NULL,1796067312168,1796067312279,'portable_json','migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d',2,'turn',NULL,NULL,'push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d/turn',1796067312280,1796067312285,NULL,'migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e',1,'announce','null',NULL,NULL,1796067312168,1796067312295,'portable_json','migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e',2,'turn',NULL,NULL,'push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e/turn',1796067312299,1796067312301,NULL,'migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e/turn',1,'newer','false',NULL,NULL,1796067312405,1796067312412,'portable_json','migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e/turn',2,'run',NULL,NULL,'push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e/run',1796067312412,1796067312417,NULL,'migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e/turn',1,'newer','false',NULL,NULL,1796067312411,1796067312418,'portable_json','migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e/turn',2,'run',NULL,NULL,'push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e/run',1796067312419,1796067312420,NULL,'migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d/turn',1,'newer','false',NULL,NULL,1796067312409,1796067312417,'portable_json','migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d/turn',2,'run',NULL,NULL,'push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d/run',1796067312421,1796067312423,NULL,'migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:4:c0881d61-5b7b-47f2-8d27-56d549b638e3',1,'announce','null',NULL,NULL,1796067312698,1796067312720,'portable_json','migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:4:c0881d61-5b7b-47f2-8d27-56d549b638e3',2,'turn',NULL,NULL,'push:730000001:4:c0881d61-5b7b-47f2-8d27-56d549b638e3/turn',1796067312725,1796067312727,NULL,'migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591',1,'announce','null',NULL,NULL,1796067312697,1796067312718,'portable_json','migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591',2,'turn',NULL,NULL,'push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591/turn',1796067312731,1796067312733,NULL,'migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591/turn',1,'newer','false',NULL,NULL,1796067312939,1796067312943,'portable_json','migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591/turn',2,'run',NULL,NULL,'push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591/run',1796067312944,1796067312945,NULL,'migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('command:730000001:4:89b4b1c4-0325-4c59-99cc-1f41d2bb5d59',1,'announce','null',NULL,NULL,1796067312958,1796067312959,'portable_json','migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('command:730000001:4:89b4b1c4-0325-4c59-99cc-1f41d2bb5d59',2,'turn',NULL,NULL,'command:730000001:4:89b4b1c4-0325-4c59-99cc-1f41d2bb5d59/turn',1796067312960,1796067312961,NULL,'migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a',1,'announce','null',NULL,NULL,1796067312970,1796067312980,'portable_json','migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a',2,'turn',NULL,NULL,'group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a/turn',1796067312981,1796067312986,NULL,'migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32',1,'announce','null',NULL,NULL,1796067312971,1796067312995,'portable_json','migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32',2,'turn',NULL,NULL,'push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32/turn',1796067312997,1796067312999,NULL,'migsafe',1796067312000);
INSERT INTO "operation_outputs" VALUES('group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a/turn',1,'newer','false',NULL,NULL,1796067313199,1796067313204,'portable_json','migsafe',1796067313000);
INSERT INTO "operation_outputs" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32/turn',1,'newer','false',NULL,NULL,1796067313201,1796067313205,'portable_json','migsafe',1796067313000);
INSERT INTO "operation_outputs" VALUES('group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a/turn',2,'run',NULL,NULL,'group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a/run',1796067313205,1796067313207,NULL,'migsafe',1796067313000);
INSERT INTO "operation_outputs" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32/turn',2,'run',NULL,NULL,'push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32/run',1796067313207,1796067313209,NULL,'migsafe',1796067313000);
INSERT INTO "operation_outputs" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32/run',1,'attempt','{"error":"9736f0a0","wait":1.9999897480010986}',NULL,NULL,1796067313392,1796067313403,'portable_json','migsafe',1796067313000);
INSERT INTO "operation_outputs" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32/run',2,'DBOS.sleep','1796067315.4071717',NULL,NULL,1796067313406,1796067315407,'portable_json','migsafe',1796067313000);
INSERT INTO "operation_outputs" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32/run',3,'newer','false',NULL,NULL,1796067315408,1796067315410,'portable_json','migsafe',1796067315000);
CREATE TABLE queues (
    queue_id TEXT PRIMARY KEY DEFAULT (hex(randomblob(16))),
    name TEXT NOT NULL UNIQUE,
    concurrency INTEGER,
    worker_concurrency INTEGER,
    rate_limit_max INTEGER,
    rate_limit_period_sec REAL,
    priority_enabled BOOLEAN NOT NULL DEFAULT FALSE,
    partition_queue BOOLEAN NOT NULL DEFAULT FALSE,
    polling_interval_sec REAL NOT NULL DEFAULT 1.0,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL, "partition_concurrency" INTEGER DEFAULT NULL, "partition_worker_concurrency" INTEGER DEFAULT NULL, "partition_rate_limit_max" INTEGER DEFAULT NULL, "partition_rate_limit_period_sec" REAL DEFAULT NULL);
INSERT INTO "queues" VALUES('6639BDAEBD326A62EFE459F73C166DB4','arrivals',NULL,50,NULL,NULL,1,0,0.25,1796067308000,1796067308124,'migsafe',NULL,NULL,NULL,NULL);
INSERT INTO "queues" VALUES('A67FD3EDCA4C96FA8AAFB28120D2434E','turns',NULL,500,NULL,NULL,1,1,0.25,1796067308000,1796067308148,'migsafe',1,NULL,NULL,NULL);
INSERT INTO "queues" VALUES('42F1F81BD91D26116FDBDA0F8F899B1E','runs',NULL,30,NULL,NULL,1,1,0.25,1796067308000,1796067308151,'migsafe',3,NULL,NULL,NULL);
INSERT INTO "queues" VALUES('2DCB3C015A9E89F270066D0383AAC3A7','sweeps',1,NULL,NULL,NULL,1,0,0.25,1796067308000,1796067308152,'migsafe',NULL,NULL,NULL,NULL);
CREATE TABLE streams (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    "offset" INTEGER NOT NULL, function_id INTEGER NOT NULL DEFAULT 0, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key, "offset"),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_events (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_events_history (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, function_id, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid)
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_input (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    inputs TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
INSERT INTO "workflow_input" VALUES('sweep:start-763617366274413bb8f477df31045078','{"namedArgs":{},"positionalArgs":[]}',1796067308000);
INSERT INTO "workflow_input" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":1,"head_sha":"286ef3fca5b7e80421331ea32902c0f8c8e47862","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"50fe625a-6baf-4147-96ae-f2b05e825830","extra":{}},"at":1796067308.2087493}]}',1796067308000);
INSERT INTO "workflow_input" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":2,"head_sha":"cc4b64aa657a8a009146ac57631dcb21205baed7","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"a73dc8bf-e737-419c-ba85-325ac7b9f116","extra":{}},"at":1796067308.2237728}]}',1796067308000);
INSERT INTO "workflow_input" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":3,"head_sha":"6528463b57ae17f3343f04493e34cb127df9704e","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"cbde541e-e233-41db-90c7-c166a9ec7dda","extra":{}},"at":1796067308.240541}]}',1796067308000);
INSERT INTO "workflow_input" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/turn','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":2,"head_sha":"cc4b64aa657a8a009146ac57631dcb21205baed7","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"a73dc8bf-e737-419c-ba85-325ac7b9f116","extra":{}},"at":1796067308.2237728}]}',1796067308000);
INSERT INTO "workflow_input" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/turn','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":1,"head_sha":"286ef3fca5b7e80421331ea32902c0f8c8e47862","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"50fe625a-6baf-4147-96ae-f2b05e825830","extra":{}},"at":1796067308.2087493}]}',1796067308000);
INSERT INTO "workflow_input" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/turn','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":3,"head_sha":"6528463b57ae17f3343f04493e34cb127df9704e","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"cbde541e-e233-41db-90c7-c166a9ec7dda","extra":{}},"at":1796067308.240541}]}',1796067308000);
INSERT INTO "workflow_input" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/run','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":1,"head_sha":"286ef3fca5b7e80421331ea32902c0f8c8e47862","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"50fe625a-6baf-4147-96ae-f2b05e825830","extra":{}},"at":1796067308.2087493}]}',1796067308000);
INSERT INTO "workflow_input" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/run','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":2,"head_sha":"cc4b64aa657a8a009146ac57631dcb21205baed7","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"a73dc8bf-e737-419c-ba85-325ac7b9f116","extra":{}},"at":1796067308.2237728}]}',1796067308000);
INSERT INTO "workflow_input" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/run','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":3,"head_sha":"6528463b57ae17f3343f04493e34cb127df9704e","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"cbde541e-e233-41db-90c7-c166a9ec7dda","extra":{}},"at":1796067308.240541}]}',1796067308000);
INSERT INTO "workflow_input" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"command","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":2,"head_sha":null,"base_sha":null,"comment":730000029,"comment_kind":"issue","delivery":"61e859d4-ff30-4728-a6f8-e3239280ff7f","extra":{}},"at":1796067310.479673}]}',1796067310000);
INSERT INTO "workflow_input" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/turn','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"command","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":2,"head_sha":null,"base_sha":null,"comment":730000029,"comment_kind":"issue","delivery":"61e859d4-ff30-4728-a6f8-e3239280ff7f","extra":{}},"at":1796067310.479673}]}',1796067310000);
INSERT INTO "workflow_input" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/run','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"command","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":2,"head_sha":null,"base_sha":null,"comment":730000029,"comment_kind":"issue","delivery":"61e859d4-ff30-4728-a6f8-e3239280ff7f","extra":{}},"at":1796067310.479673}]}',1796067310000);
INSERT INTO "workflow_input" VALUES('push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":4,"head_sha":"d85a2e6c32eed1cb0704e80ea4e6b56609dfb4a6","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"a61c07dc-546e-4dd9-bb3b-16f87c01d70e","extra":{}},"at":1796067312.0658014}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":5,"head_sha":"755c2e022013e106ef25abf0a7de8b4860cc689f","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"884bbeab-5eca-4348-ae69-2cbc7ce7382d","extra":{}},"at":1796067312.0911856}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":6,"head_sha":"a817605eea6159fac7e3a01ee915b4378e40b41d","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e","extra":{}},"at":1796067312.099091}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e/turn','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":4,"head_sha":"d85a2e6c32eed1cb0704e80ea4e6b56609dfb4a6","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"a61c07dc-546e-4dd9-bb3b-16f87c01d70e","extra":{}},"at":1796067312.0658014}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d/turn','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":5,"head_sha":"755c2e022013e106ef25abf0a7de8b4860cc689f","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"884bbeab-5eca-4348-ae69-2cbc7ce7382d","extra":{}},"at":1796067312.0911856}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e/turn','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":6,"head_sha":"a817605eea6159fac7e3a01ee915b4378e40b41d","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e","extra":{}},"at":1796067312.099091}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e/run','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":4,"head_sha":"d85a2e6c32eed1cb0704e80ea4e6b56609dfb4a6","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"a61c07dc-546e-4dd9-bb3b-16f87c01d70e","extra":{}},"at":1796067312.0658014}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e/run','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":6,"head_sha":"a817605eea6159fac7e3a01ee915b4378e40b41d","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e","extra":{}},"at":1796067312.099091}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d/run','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":5,"head_sha":"755c2e022013e106ef25abf0a7de8b4860cc689f","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"884bbeab-5eca-4348-ae69-2cbc7ce7382d","extra":{}},"at":1796067312.0911856}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":7,"head_sha":"0ca152ea836ab81a3d59573d8ee7d62733701467","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"c3ffbe9c-dad3-45f4-a200-5031056ed591","extra":{}},"at":1796067312.6634605}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000001:4:c0881d61-5b7b-47f2-8d27-56d549b638e3','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":4,"head_sha":"d6c350e8194945adcdbe7823ccd52a7f0872b94f","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"c0881d61-5b7b-47f2-8d27-56d549b638e3","extra":{}},"at":1796067312.6746402}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('command:730000001:4:89b4b1c4-0325-4c59-99cc-1f41d2bb5d59','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"command","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":4,"head_sha":null,"base_sha":null,"comment":730000055,"comment_kind":"issue","delivery":"89b4b1c4-0325-4c59-99cc-1f41d2bb5d59","extra":{}},"at":1796067312.705618}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000001:4:c0881d61-5b7b-47f2-8d27-56d549b638e3/turn','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":4,"head_sha":"d6c350e8194945adcdbe7823ccd52a7f0872b94f","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"c0881d61-5b7b-47f2-8d27-56d549b638e3","extra":{}},"at":1796067312.6746402}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591/turn','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":7,"head_sha":"0ca152ea836ab81a3d59573d8ee7d62733701467","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"c3ffbe9c-dad3-45f4-a200-5031056ed591","extra":{}},"at":1796067312.6634605}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"group","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":null,"head_sha":"3144b3b618c992180c22670dcd557defbef5a5e0","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"99530da0-05e0-4cdd-ac02-0f3d06f3470a","extra":{}},"at":1796067312.7370028}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000008,"repository_id":730000006,"repository":"beta/store","number":1,"head_sha":"b5bd05bbdbab04f59f053339bd369c85ccb0e6e4","base_sha":"816eba12050e86e8064ec0183ae05618e9dccefa","comment":null,"comment_kind":null,"delivery":"ba3258f7-9395-4700-8d78-7deaf75c0a32","extra":{}},"at":1796067312.7448719}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591/run','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":7,"head_sha":"0ca152ea836ab81a3d59573d8ee7d62733701467","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"c3ffbe9c-dad3-45f4-a200-5031056ed591","extra":{}},"at":1796067312.6634605}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('command:730000001:4:89b4b1c4-0325-4c59-99cc-1f41d2bb5d59/turn','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"command","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":4,"head_sha":null,"base_sha":null,"comment":730000055,"comment_kind":"issue","delivery":"89b4b1c4-0325-4c59-99cc-1f41d2bb5d59","extra":{}},"at":1796067312.705618}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a/turn','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"group","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":null,"head_sha":"3144b3b618c992180c22670dcd557defbef5a5e0","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"99530da0-05e0-4cdd-ac02-0f3d06f3470a","extra":{}},"at":1796067312.7370028}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32/turn','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000008,"repository_id":730000006,"repository":"beta/store","number":1,"head_sha":"b5bd05bbdbab04f59f053339bd369c85ccb0e6e4","base_sha":"816eba12050e86e8064ec0183ae05618e9dccefa","comment":null,"comment_kind":null,"delivery":"ba3258f7-9395-4700-8d78-7deaf75c0a32","extra":{}},"at":1796067312.7448719}]}',1796067312000);
INSERT INTO "workflow_input" VALUES('group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a/run','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"group","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":null,"head_sha":"3144b3b618c992180c22670dcd557defbef5a5e0","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"99530da0-05e0-4cdd-ac02-0f3d06f3470a","extra":{}},"at":1796067312.7370028}]}',1796067313000);
INSERT INTO "workflow_input" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32/run','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000008,"repository_id":730000006,"repository":"beta/store","number":1,"head_sha":"b5bd05bbdbab04f59f053339bd369c85ccb0e6e4","base_sha":"816eba12050e86e8064ec0183ae05618e9dccefa","comment":null,"comment_kind":null,"delivery":"ba3258f7-9395-4700-8d78-7deaf75c0a32","extra":{}},"at":1796067312.7448719}]}',1796067313000);
INSERT INTO "workflow_input" VALUES('push:730000001:8:a10b009b-0de8-49f2-bee5-b0d5f5827372','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":8,"head_sha":"32a42263421bd5aff3bcfaaea811cf8261929b39","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"a10b009b-0de8-49f2-bee5-b0d5f5827372","extra":{}},"at":1796067314.9126458}]}',1796067314000);
INSERT INTO "workflow_input" VALUES('push:730000001:9:0fbb1e66-ce15-4424-8cd6-66dd5e747b5a','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"push","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":9,"head_sha":"b8557cd12d2ba9f7c31d063112640ec9b5af66ec","base_sha":"f433b20590c6969089f9e9b33029cf5323c7d54e","comment":null,"comment_kind":null,"delivery":"0fbb1e66-ce15-4424-8cd6-66dd5e747b5a","extra":{}},"at":1796067319.625886}]}',1796067319000);
INSERT INTO "workflow_input" VALUES('command:730000001:1:16f676b9-4156-4c04-863d-8545f6bcdc86','{"namedArgs":{},"positionalArgs":[{"job":{"kind":"command","installation":730000003,"repository_id":730000001,"repository":"acme/shop","number":1,"head_sha":null,"base_sha":null,"comment":730000077,"comment_kind":"issue","delivery":"16f676b9-4156-4c04-863d-8545f6bcdc86","extra":{}},"at":1796067319.6528347}]}',1796067319000);
CREATE TABLE workflow_output (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    output TEXT,
    error TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
INSERT INTO "workflow_output" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116','"announced"',NULL,1796067308000);
INSERT INTO "workflow_output" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830','"announced"',NULL,1796067308000);
INSERT INTO "workflow_output" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda','"announced"',NULL,1796067308000);
INSERT INTO "workflow_output" VALUES('sweep:start-763617366274413bb8f477df31045078','"nothing missed"',NULL,1796067308000);
INSERT INTO "workflow_output" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/run','"success"',NULL,1796067310000);
INSERT INTO "workflow_output" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/run','"failure"',NULL,1796067310000);
INSERT INTO "workflow_output" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/turn','"failure"',NULL,1796067310000);
INSERT INTO "workflow_output" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/turn','"success"',NULL,1796067310000);
INSERT INTO "workflow_output" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/run','"failure"',NULL,1796067310000);
INSERT INTO "workflow_output" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f','"announced"',NULL,1796067310000);
INSERT INTO "workflow_output" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/turn','"failure"',NULL,1796067310000);
INSERT INTO "workflow_output" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/run','"allow"',NULL,1796067311000);
INSERT INTO "workflow_output" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/turn','"allow"',NULL,1796067311000);
INSERT INTO "workflow_output" VALUES('push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e','"announced"',NULL,1796067312000);
INSERT INTO "workflow_output" VALUES('push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d','"announced"',NULL,1796067312000);
INSERT INTO "workflow_output" VALUES('push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e','"announced"',NULL,1796067312000);
INSERT INTO "workflow_output" VALUES('push:730000001:4:c0881d61-5b7b-47f2-8d27-56d549b638e3','"announced"',NULL,1796067312000);
INSERT INTO "workflow_output" VALUES('push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591','"announced"',NULL,1796067312000);
INSERT INTO "workflow_output" VALUES('command:730000001:4:89b4b1c4-0325-4c59-99cc-1f41d2bb5d59','"announced"',NULL,1796067312000);
INSERT INTO "workflow_output" VALUES('group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a','"announced"',NULL,1796067312000);
INSERT INTO "workflow_output" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32','"announced"',NULL,1796067313000);
CREATE TABLE workflow_schedules (
    schedule_id TEXT PRIMARY KEY,
    schedule_name TEXT NOT NULL UNIQUE,
    workflow_name TEXT NOT NULL,
    workflow_class_name TEXT,
    schedule TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'ACTIVE',
    context TEXT NOT NULL
, "last_fired_at" TEXT DEFAULT NULL, "automatic_backfill" BOOLEAN NOT NULL DEFAULT FALSE, "cron_timezone" TEXT DEFAULT NULL, "queue_name" TEXT DEFAULT NULL, "application_name" TEXT DEFAULT NULL);
CREATE TABLE workflow_status (
    workflow_uuid TEXT PRIMARY KEY,
    status TEXT,
    name TEXT,
    authenticated_user TEXT,
    assumed_role TEXT,
    authenticated_roles TEXT,
    request TEXT,
    output TEXT,
    error TEXT,
    executor_id TEXT,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    application_version TEXT,
    application_id TEXT,
    class_name TEXT DEFAULT NULL,
    config_name TEXT DEFAULT NULL,
    recovery_attempts INTEGER DEFAULT 0,
    queue_name TEXT,
    workflow_timeout_ms INTEGER,
    workflow_deadline_epoch_ms INTEGER,
    inputs TEXT,
    started_at_epoch_ms INTEGER,
    deduplication_id TEXT,
    priority INTEGER NOT NULL DEFAULT 0
, queue_partition_key TEXT, forked_from TEXT, "owner_xid" TEXT DEFAULT NULL, "parent_workflow_id" TEXT DEFAULT NULL, "serialization" TEXT DEFAULT NULL, "delay_until_epoch_ms" BIGINT DEFAULT NULL, "was_forked_from" BOOLEAN NOT NULL DEFAULT FALSE, "rate_limited" BOOLEAN NOT NULL DEFAULT FALSE, "completed_at" BIGINT, "attributes" TEXT, "schedule_name" TEXT, "debounce_deadline_epoch_ms" BIGINT DEFAULT NULL, "is_debounced" BOOLEAN NOT NULL DEFAULT FALSE, "application_name" TEXT DEFAULT NULL, "creator_xid" TEXT DEFAULT NULL);
INSERT INTO "workflow_status" VALUES('sweep:start-763617366274413bb8f477df31045078','SUCCESS','sweep',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067308000,1796067308000,'1',NULL,NULL,NULL,1,'sweeps',NULL,NULL,NULL,1796067308000,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796067308000,'null',NULL,NULL,0,'migsafe','e8bec200-bb1c-417b-afb1-a0c957471093');
INSERT INTO "workflow_status" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830','SUCCESS','arrive',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067308000,1796067308000,'1',NULL,NULL,NULL,1,'arrivals',NULL,NULL,NULL,1796067308000,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796067308000,'null',NULL,NULL,0,'migsafe','53d1f1bd-1313-49db-a3ae-2a00c0cf0118');
INSERT INTO "workflow_status" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116','SUCCESS','arrive',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067308000,1796067308000,'1',NULL,NULL,NULL,1,'arrivals',NULL,NULL,NULL,1796067308000,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796067308000,'null',NULL,NULL,0,'migsafe','652b7d63-f42d-443f-bbc6-e4128d80e1cd');
INSERT INTO "workflow_status" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda','SUCCESS','arrive',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067308000,1796067308000,'1',NULL,NULL,NULL,1,'arrivals',NULL,NULL,NULL,1796067308000,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796067308000,'null',NULL,NULL,0,'migsafe','5920ce25-a53d-4e80-b16f-1068a6e96a2f');
INSERT INTO "workflow_status" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/turn','SUCCESS','turn',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067308000,1796067310000,'1','',NULL,NULL,1,'turns',NULL,NULL,NULL,1796067308000,NULL,0,'730000001:2',NULL,NULL,'push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116','portable_json',NULL,0,0,1796067310000,'null',NULL,NULL,0,'migsafe','2384aeed-1219-44f5-b603-9ca3ee2527dd');
INSERT INTO "workflow_status" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/turn','SUCCESS','turn',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067308000,1796067310000,'1','',NULL,NULL,1,'turns',NULL,NULL,NULL,1796067308000,NULL,0,'730000001:1',NULL,NULL,'push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830','portable_json',NULL,0,0,1796067310000,'null',NULL,NULL,0,'migsafe','eeeb2acd-a8b9-40ec-b313-3b2d3343e7ed');
INSERT INTO "workflow_status" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/turn','SUCCESS','turn',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067308000,1796067310000,'1','',NULL,NULL,1,'turns',NULL,NULL,NULL,1796067308000,NULL,0,'730000001:3',NULL,NULL,'push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda','portable_json',NULL,0,0,1796067310000,'null',NULL,NULL,0,'migsafe','c3784ac6-69dc-457b-b4a6-5bda81acdc1f');
INSERT INTO "workflow_status" VALUES('push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/run','SUCCESS','run',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067308000,1796067310000,'1','',NULL,NULL,1,'runs',NULL,NULL,NULL,1796067308000,NULL,0,'730000003',NULL,NULL,'push:730000001:1:50fe625a-6baf-4147-96ae-f2b05e825830/turn','portable_json',NULL,0,0,1796067310000,'null',NULL,NULL,0,'migsafe','fc7b0e45-7232-47f4-beeb-efc3e133ba7f');
INSERT INTO "workflow_status" VALUES('push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/run','SUCCESS','run',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067308000,1796067310000,'1','',NULL,NULL,1,'runs',NULL,NULL,NULL,1796067308000,NULL,0,'730000003',NULL,NULL,'push:730000001:2:a73dc8bf-e737-419c-ba85-325ac7b9f116/turn','portable_json',NULL,0,0,1796067310000,'null',NULL,NULL,0,'migsafe','15076857-17d3-4af8-845d-dd8c6f464acd');
INSERT INTO "workflow_status" VALUES('push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/run','SUCCESS','run',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067308000,1796067310000,'1','',NULL,NULL,1,'runs',NULL,NULL,NULL,1796067308000,NULL,0,'730000003',NULL,NULL,'push:730000001:3:cbde541e-e233-41db-90c7-c166a9ec7dda/turn','portable_json',NULL,0,0,1796067310000,'null',NULL,NULL,0,'migsafe','c6cf42ec-9703-4da4-a89e-6aa02dde485c');
INSERT INTO "workflow_status" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f','SUCCESS','arrive',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067310000,1796067310000,'1',NULL,NULL,NULL,1,'arrivals',NULL,NULL,NULL,1796067310000,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796067310000,'null',NULL,NULL,0,'migsafe','1ef0a596-8807-42ee-9726-db975453c332');
INSERT INTO "workflow_status" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/turn','SUCCESS','turn',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067310000,1796067311000,'1','',NULL,NULL,1,'turns',NULL,NULL,NULL,1796067310000,NULL,0,'730000001:2',NULL,NULL,'command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f','portable_json',NULL,0,0,1796067311000,'null',NULL,NULL,0,'migsafe','4dfb1cdd-c11e-43cf-8b06-483811826380');
INSERT INTO "workflow_status" VALUES('command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/run','SUCCESS','run',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067310000,1796067311000,'1','',NULL,NULL,1,'runs',NULL,NULL,NULL,1796067310000,NULL,0,'730000003',NULL,NULL,'command:730000001:2:61e859d4-ff30-4728-a6f8-e3239280ff7f/turn','portable_json',NULL,0,0,1796067311000,'null',NULL,NULL,0,'migsafe','8d0ab953-0082-4125-b94a-b1986a059233');
INSERT INTO "workflow_status" VALUES('push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e','SUCCESS','arrive',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1',NULL,NULL,NULL,1,'arrivals',NULL,NULL,NULL,1796067312000,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796067312000,'null',NULL,NULL,0,'migsafe','53658366-a6f8-403d-b1e3-7a028e91bfa8');
INSERT INTO "workflow_status" VALUES('push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d','SUCCESS','arrive',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1',NULL,NULL,NULL,1,'arrivals',NULL,NULL,NULL,1796067312000,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796067312000,'null',NULL,NULL,0,'migsafe','aafcfab8-cf08-48b2-8c2e-d40225b10f27');
INSERT INTO "workflow_status" VALUES('push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e','SUCCESS','arrive',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1',NULL,NULL,NULL,1,'arrivals',NULL,NULL,NULL,1796067312000,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796067312000,'null',NULL,NULL,0,'migsafe','30b1aa7c-6a9b-4737-8b41-ac545b5af00e');
INSERT INTO "workflow_status" VALUES('push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e/turn','PENDING','turn',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1','',NULL,NULL,1,'turns',NULL,NULL,NULL,1796067312000,NULL,0,'730000001:4',NULL,'74c27daa-e46c-4e95-8494-21a3126eba6c','push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','617768da-d74c-44fc-915d-eb986d4aba14');
INSERT INTO "workflow_status" VALUES('push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d/turn','PENDING','turn',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1','',NULL,NULL,1,'turns',NULL,NULL,NULL,1796067312000,NULL,0,'730000001:5',NULL,'74c27daa-e46c-4e95-8494-21a3126eba6c','push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','a3845258-f2e9-438f-81a4-2102fec6865d');
INSERT INTO "workflow_status" VALUES('push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e/turn','PENDING','turn',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1','',NULL,NULL,1,'turns',NULL,NULL,NULL,1796067312000,NULL,0,'730000001:6',NULL,'74c27daa-e46c-4e95-8494-21a3126eba6c','push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','87f93c6f-ddea-4f9f-85bc-dad9f81d7c41');
INSERT INTO "workflow_status" VALUES('push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e/run','PENDING','run',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1','',NULL,NULL,1,'runs',NULL,NULL,NULL,1796067312000,NULL,0,'730000003',NULL,'5970d715-967d-4062-9e15-18566bc56007','push:730000001:4:a61c07dc-546e-4dd9-bb3b-16f87c01d70e/turn','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','91ab915e-beaf-402c-bd65-516f7c5bcf08');
INSERT INTO "workflow_status" VALUES('push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e/run','PENDING','run',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1','',NULL,NULL,1,'runs',NULL,NULL,NULL,1796067312000,NULL,0,'730000003',NULL,'5970d715-967d-4062-9e15-18566bc56007','push:730000001:6:c6a49d2e-1ec7-46cf-9c4f-a2519a1d466e/turn','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','6d37334f-30c1-4fdb-b020-dbfd1da83a82');
INSERT INTO "workflow_status" VALUES('push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d/run','PENDING','run',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1','',NULL,NULL,1,'runs',NULL,NULL,NULL,1796067312000,NULL,0,'730000003',NULL,'5970d715-967d-4062-9e15-18566bc56007','push:730000001:5:884bbeab-5eca-4348-ae69-2cbc7ce7382d/turn','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','d1346c64-0afe-475e-91fe-cf6ae18e8670');
INSERT INTO "workflow_status" VALUES('push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591','SUCCESS','arrive',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1',NULL,NULL,NULL,1,'arrivals',NULL,NULL,NULL,1796067312000,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796067312000,'null',NULL,NULL,0,'migsafe','13ad83a1-1e02-45b2-9d51-2fa0fa517d9d');
INSERT INTO "workflow_status" VALUES('push:730000001:4:c0881d61-5b7b-47f2-8d27-56d549b638e3','SUCCESS','arrive',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1',NULL,NULL,NULL,1,'arrivals',NULL,NULL,NULL,1796067312000,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796067312000,'null',NULL,NULL,0,'migsafe','03ecb6de-4567-4ea0-b4e7-079e73ea2bd8');
INSERT INTO "workflow_status" VALUES('command:730000001:4:89b4b1c4-0325-4c59-99cc-1f41d2bb5d59','SUCCESS','arrive',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1',NULL,NULL,NULL,1,'arrivals',NULL,NULL,NULL,1796067312000,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796067312000,'null',NULL,NULL,0,'migsafe','7e6618fe-23db-43f0-aab8-1cfe52af2c24');
INSERT INTO "workflow_status" VALUES('push:730000001:4:c0881d61-5b7b-47f2-8d27-56d549b638e3/turn','ENQUEUED','turn',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1','',NULL,NULL,0,'turns',NULL,NULL,NULL,NULL,NULL,0,'730000001:4',NULL,NULL,'push:730000001:4:c0881d61-5b7b-47f2-8d27-56d549b638e3','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','4d3c011c-bc48-4d71-979b-3ac2f0aaa180');
INSERT INTO "workflow_status" VALUES('push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591/turn','PENDING','turn',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1','',NULL,NULL,1,'turns',NULL,NULL,NULL,1796067312000,NULL,0,'730000001:7',NULL,'0d3bbafd-3672-46b4-b5df-d79509507d4a','push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','63d59b1b-8c39-4056-9b2c-f5785eb35ee2');
INSERT INTO "workflow_status" VALUES('group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a','SUCCESS','arrive',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1',NULL,NULL,NULL,1,'arrivals',NULL,NULL,NULL,1796067312000,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796067312000,'null',NULL,NULL,0,'migsafe','e6295603-386a-4b8c-97d4-e87a27495c9b');
INSERT INTO "workflow_status" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32','SUCCESS','arrive',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067313000,'1',NULL,NULL,NULL,1,'arrivals',NULL,NULL,NULL,1796067312000,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1796067313000,'null',NULL,NULL,0,'migsafe','62531604-8a00-492d-b542-71a5a7af5235');
INSERT INTO "workflow_status" VALUES('push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591/run','ENQUEUED','run',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1','',NULL,NULL,0,'runs',NULL,NULL,NULL,NULL,NULL,0,'730000003',NULL,NULL,'push:730000001:7:c3ffbe9c-dad3-45f4-a200-5031056ed591/turn','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','73ec6090-5263-41e3-8a04-89085384b4fd');
INSERT INTO "workflow_status" VALUES('command:730000001:4:89b4b1c4-0325-4c59-99cc-1f41d2bb5d59/turn','ENQUEUED','turn',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067312000,'1','',NULL,NULL,0,'turns',NULL,NULL,NULL,NULL,NULL,0,'730000001:4',NULL,NULL,'command:730000001:4:89b4b1c4-0325-4c59-99cc-1f41d2bb5d59','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','a2d99172-ff91-4bfd-badf-61bc871c0cf1');
INSERT INTO "workflow_status" VALUES('group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a/turn','PENDING','turn',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067313000,'1','',NULL,NULL,1,'turns',NULL,NULL,NULL,1796067313000,NULL,0,'730000001:3144b3b618c992180c22670dcd557defbef5a5e0',NULL,'9dcbc78c-2180-4744-8023-f86f88efa0a5','group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','c6688ed6-9b53-4a1a-8874-3239f2e2d17e');
INSERT INTO "workflow_status" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32/turn','PENDING','turn',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067312000,1796067313000,'1','',NULL,NULL,1,'turns',NULL,NULL,NULL,1796067313000,NULL,0,'730000006:1',NULL,'9dcbc78c-2180-4744-8023-f86f88efa0a5','push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','59c42c9d-61b3-47f5-a92f-84cc6fc753ce');
INSERT INTO "workflow_status" VALUES('group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a/run','ENQUEUED','run',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067313000,1796067313000,'1','',NULL,NULL,0,'runs',NULL,NULL,NULL,NULL,NULL,0,'730000003',NULL,NULL,'group:730000001:3144b3b618c992180c22670dcd557defbef5a5e0:99530da0-05e0-4cdd-ac02-0f3d06f3470a/turn','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','5e57d6a2-a3bb-4bfd-87d2-d7d8a9fe0d3d');
INSERT INTO "workflow_status" VALUES('push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32/run','PENDING','run',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067313000,1796067313000,'1','',NULL,NULL,1,'runs',NULL,NULL,NULL,1796067313000,NULL,0,'730000008',NULL,'b5830cee-bbca-4156-9f73-5dbce6f8ceff','push:730000006:1:ba3258f7-9395-4700-8d78-7deaf75c0a32/turn','portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','35559f7d-4aa8-41f4-8ca8-92a3d9336225');
INSERT INTO "workflow_status" VALUES('push:730000001:8:a10b009b-0de8-49f2-bee5-b0d5f5827372','PENDING','arrive',NULL,NULL,NULL,NULL,NULL,NULL,'the-worker',1796067314000,1796067314000,'1',NULL,NULL,NULL,1,'arrivals',NULL,NULL,NULL,1796067314000,NULL,0,NULL,NULL,'1fe9aa7d-efd7-4a94-9eb7-c2eb226ace7d',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','6d21810e-7dbb-44fe-8ab8-bb4f8cc8a8ee');
INSERT INTO "workflow_status" VALUES('push:730000001:9:0fbb1e66-ce15-4424-8cd6-66dd5e747b5a','ENQUEUED','arrive',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1796067319000,1796067319000,NULL,NULL,NULL,NULL,0,'arrivals',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','a42d9176-82f6-4faf-be9c-633f23e2eb02');
INSERT INTO "workflow_status" VALUES('command:730000001:1:16f676b9-4156-4c04-863d-8545f6bcdc86','ENQUEUED','arrive',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1796067319000,1796067319000,NULL,NULL,NULL,NULL,0,'arrivals',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'migsafe','684be176-7efe-4ace-9c90-80ce6f6bbd2f');
CREATE INDEX workflow_status_created_at_index ON workflow_status (created_at);
CREATE INDEX idx_workflow_topic ON notifications (destination_uuid, topic);
CREATE INDEX "idx_workflow_status_delayed" ON "workflow_status" ("delay_until_epoch_ms") WHERE status = 'DELAYED';
CREATE INDEX "idx_workflow_status_forked_from" ON "workflow_status" ("forked_from") WHERE "forked_from" IS NOT NULL;
CREATE INDEX "idx_workflow_status_parent_workflow_id" ON "workflow_status" ("parent_workflow_id") WHERE "parent_workflow_id" IS NOT NULL;
CREATE UNIQUE INDEX "uq_workflow_status_dedup_id" ON "workflow_status" ("queue_name", "deduplication_id") WHERE "deduplication_id" IS NOT NULL;
CREATE INDEX "idx_workflow_status_pending" ON "workflow_status" ("created_at") WHERE "status" = 'PENDING';
CREATE INDEX "idx_workflow_status_failed" ON "workflow_status" ("status", "created_at") WHERE "status" IN ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED');
CREATE INDEX "idx_workflow_status_rate_limited" ON "workflow_status" ("queue_name", "started_at_epoch_ms") WHERE "rate_limited" = TRUE;
CREATE INDEX "idx_workflow_status_completed_at" ON "workflow_status" ("completed_at") WHERE "completed_at" IS NOT NULL;
CREATE INDEX "idx_workflow_status_started_at" ON "workflow_status" ("started_at_epoch_ms") WHERE "started_at_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_workflow_status_schedule_name" ON "workflow_status" ("schedule_name") WHERE "schedule_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_owner_version"
    ON application_versions ("application_name", "version_name")
    WHERE "application_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_unclaimed_version"
    ON application_versions ("version_name")
    WHERE "application_name" IS NULL;
CREATE INDEX idx_workflow_input_retention
    ON workflow_input (retention_timestamp);
CREATE INDEX idx_workflow_output_retention
    ON workflow_output (retention_timestamp);
CREATE INDEX idx_operation_outputs_retention
    ON operation_outputs (retention_timestamp);
CREATE INDEX "idx_workflow_status_in_flight_v2" ON "workflow_status" ("queue_name", "status", "priority", "created_at", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING');
CREATE INDEX "idx_workflow_status_partition_dequeue_v3" ON "workflow_status" ("queue_name", "status", "queue_partition_key", "priority", "created_at", "workflow_uuid", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING') AND "queue_partition_key" IS NOT NULL;
CREATE INDEX "idx_operation_outputs_completed_at_function_name_v2" ON "operation_outputs" ("completed_at_epoch_ms", "function_name", "application_name");
CREATE INDEX "idx_workflow_status_deadline" ON "workflow_status" ("workflow_deadline_epoch_ms") WHERE "status" IN ('ENQUEUED', 'PENDING', 'DELAYED') AND "workflow_deadline_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_application_versions_timestamp" ON "application_versions" ("version_timestamp" DESC);
CREATE INDEX "idx_application_versions_owner_timestamp" ON "application_versions" ("application_name", "version_timestamp" DESC);
CREATE INDEX migsafe_acknowledgements_pull ON migsafe_acknowledgements (repository_id, number);
